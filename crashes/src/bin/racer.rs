//! Gives one of two commands that race, whenever it is told to, and tells what came of it and of each commit. It is told
//! what to do in JSON, as its argument and in lines on standard input; when that ends, so does it.

use std::error::Error;
use std::sync::Arc;
use std::{env, io};

use misp_onboarding::{Role, Timestamp};
use misp_onboarding_crashes::journal::{Journal, Line, tell};
use misp_onboarding_crashes::race::{Racer, Round};
use misp_onboarding_testkit::conformance::Layered;
use misp_onboarding_testkit::races::{Subject, all};
use misp_onboarding_testkit::scenario::{Scenario, actor};

fn main() -> Result<(), Box<dyn Error>> {
    let Racer { place, name } =
        serde_json::from_str(&env::args().nth(1).ok_or("a job is needed, found none")?)?;
    let store = Arc::new(Layered(Journal::new(place.open()?, tell)));
    let mut scenario = Scenario::new(store);
    scenario.admin = actor(&format!("{name}.admin"), Role::PartnerAdmin);
    scenario.manager = actor(&format!("{name}.manager"), Role::PolicyManager);
    let races = all();
    tell(&Line::Ready);
    let mut orders = io::stdin().lines();
    while let Some(order) = orders.next() {
        let round: Round = serde_json::from_str(&order?)?;
        let race = races.get(round.race).ok_or("a race that there is is needed, found none")?;
        let command = if round.side == 1 { race.one } else { race.two };
        let subject = Subject { texts: round.subject };
        scenario.clock.set(Timestamp::from_unix_micros(round.now_micros));
        tell(&Line::Ready);
        // All are ready by the time that the first one is told to go.
        let Some(_go) = orders.next() else { break };
        let result = command(&scenario, &subject);
        tell(&Line::Raced(result.map_err(|error| error.code().to_owned())));
    }
    Ok(())
}
