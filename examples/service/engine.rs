//! The engine behind an async front: each call runs on a thread that may block.

use std::sync::Arc;

use misp_onboarding::{Error, Onboarding};

use crate::answer::Refused;
use crate::options::Options;

/// What every request needs.
pub(crate) struct Engine {
    onboarding: Arc<Onboarding>,
    pub(crate) admin_token: String,
}

impl Engine {
    pub(crate) fn new(onboarding: Onboarding, options: &Options) -> Self {
        Self { onboarding: Arc::new(onboarding), admin_token: options.admin_token.clone() }
    }

    /// Makes a call of the engine on the runtime's pool for blocking work, and waits for it without holding a thread.
    ///
    /// The call goes on to its end if the client hangs up: a command that was begun is committed or refused as a whole.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Onboarding) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refused> {
        let onboarding = self.onboarding.clone();
        match tokio::task::spawn_blocking(move || call(&onboarding)).await {
            Ok(answer) => answer.map_err(Refused::ByEngine),
            Err(stopped) => Err(Refused::Failed(stopped.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// On the only async thread there is, the call would wait forever for the task that it keeps from running.
    #[test]
    fn while_a_call_blocks_other_tasks_go_on() {
        let options = Options { db: PathBuf::new(), listen: String::new(), admin_token: "t".to_owned() };
        let engine = Engine::new(Onboarding::in_memory(), &options);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (other_task, heard) = mpsc::channel();
        let went_on = runtime.block_on(async {
            tokio::spawn(async move { other_task.send(()) });
            // The time is only so long that a failure does not hang.
            engine.call(move |_| Ok(heard.recv_timeout(Duration::from_secs(300)).is_ok())).await
        });
        assert!(matches!(went_on, Ok(true)));
    }

    #[test]
    fn a_call_that_panics_is_an_answer_and_the_service_goes_on() {
        let options = Options { db: PathBuf::new(), listen: String::new(), admin_token: "t".to_owned() };
        let engine = Engine::new(Onboarding::in_memory(), &options);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answers = runtime.block_on(async {
            let panicked = engine.call(|_| -> Result<(), Error> { panic!("for the test") }).await;
            let after = engine.call(|onboarding| onboarding.authenticate("no key").map(|_| ())).await;
            (panicked, after)
        });
        assert!(matches!(answers, (Err(Refused::Failed(_)), Ok(()))));
    }
}
