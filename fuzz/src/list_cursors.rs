//! List cursors. What the engine makes leads on to exactly the rest of the list. Any other text is refused with a typed
//! error, or leads to those rows of its own list that lie after the place it names; never to rows of another list.

use std::fmt::Debug;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use misp_onboarding::list::{
    Cursor, Direction, ListError, ListRequest, ListRow, MAX_PAGE_SIZE, Page, Position, SortKey, SortValue,
};
use misp_onboarding::{Error, Timestamp};
use misp_onboarding_testkit::scenario::Scenario;

use crate::Seed;

/// Checks the law for a text. Two bytes before it choose the order and the page size, a third one whether it stands
/// there as it is or is what a cursor's base64 holds.
pub fn check(data: &[u8]) {
    let Some((&[order, size, form], rest)) = data.split_first_chunk::<3>() else { return };
    let text = match form % 2 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => URL_SAFE_NO_PAD.encode(rest),
    };
    let asked = Asked { order: usize::from(order), size: 1 + u32::from(size) % MAX_PAGE_SIZE, text };
    let accepted = each_list(&asked, &mut Vec::new()).into_iter().filter(|accepted| *accepted).count();
    assert!(accepted <= 1, "{:?} leads to rows of {accepted} lists", asked.text);
}

/// What is asked of every list.
struct Asked {
    order: usize,
    size: u32,
    text: String,
}

/// Whether each list takes the text for a cursor; the cursors that they make themselves go to `made`.
fn each_list(asked: &Asked, made: &mut Vec<Cursor>) -> [bool; 6] {
    let Scenario { onboarding: engine, admin, .. } = &*WORLD;
    [
        asked.of(|request| engine.list_partners(admin, request), |row| row, made),
        asked.of(|request| engine.list_ca_certificates(admin, request), |row| row, made),
        asked.of(|request| engine.list_policy_groups(admin, request), |row| row, made),
        asked.of(|request| engine.list_policies(admin, request), |row| row, made),
        asked.of(|request| engine.list_policy_links(admin, request), |row| row, made),
        asked.of(|request| engine.list_license_keys(admin, request), |view| &view.row, made),
    ]
}

impl Asked {
    fn of<F: Default, S: SortKey, T: PartialEq + Debug, R: ListRow<S>>(
        &self,
        list: impl Fn(&ListRequest<F, S>) -> Result<Page<T>, Error>,
        row: impl Fn(&T) -> &R,
        made: &mut Vec<Cursor>,
    ) -> bool {
        let sort = S::ALL[self.order / 2 % S::ALL.len()];
        let direction = Direction::ALL[self.order % 2];
        let request = |size| ListRequest::default().sorted(sort, direction).page_size(size);
        let all = list(&request(MAX_PAGE_SIZE)).expect("the list is read");
        assert!(all.next.is_none(), "more rows than a page holds");

        let first = list(&request(self.size)).expect("the list is read");
        if let Some(next) = first.next {
            let read: Cursor = next.as_str().parse().expect("a cursor of the engine is read back");
            assert_eq!(read, next);
            let rest = list(&request(MAX_PAGE_SIZE).after(Some(read))).expect("the list is read");
            assert_eq!(rest.items, all.items[self.size as usize..]);
            made.push(next);
        }

        let cursor: Cursor = match self.text.parse() {
            Ok(cursor) => cursor,
            Err(error) => {
                assert_eq!(error, ListError::MalformedCursor);
                return false;
            }
        };
        assert_eq!(cursor.as_str(), self.text);
        match list(&request(MAX_PAGE_SIZE).after(Some(cursor))) {
            Ok(page) => {
                let place = place(&self.text);
                let is_after = |item: &&T| {
                    let row = row(item);
                    let its = Position { value: row.sort_value(sort), id: row.tie_break() };
                    if direction == Direction::Ascending { its > place } else { its < place }
                };
                let wanted: Vec<_> = all.items.iter().filter(is_after).collect();
                assert_eq!(page.items.iter().collect::<Vec<_>>(), wanted, "{place:?}");
                true
            }
            Err(Error::List(ListError::MalformedCursor | ListError::ForeignCursor { .. })) => false,
            Err(error) => panic!("{:?}: {error}", self.text),
        }
    }
}

/// The place that an accepted cursor names.
fn place(text: &str) -> Position {
    let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let parts: Vec<_> = text.splitn(5, '\u{1f}').collect();
    let [_, _, kind, id, value] = parts[..] else { panic!("{parts:?}") };
    let value = match kind {
        "t" => SortValue::Time(Timestamp::from_unix_micros(value.parse().expect("a number"))),
        _ => SortValue::Text(value.to_owned()),
    };
    Position { value, id: id.to_owned() }
}

/// An engine with a few rows in every list, some of which are equal in what they are sorted by.
static WORLD: LazyLock<Scenario> = LazyLock::new(|| {
    let scenario = Scenario::in_memory();
    for id in ["bank", "telecom", "ünion", "a.1"] {
        let (partner, policy) = scenario.ready_partner_with_policy(id);
        scenario.license_key(&partner, "production");
        scenario.license_key_for(&partner, policy, "Test Straße");
        scenario.clock.advance_days(1);
    }
    scenario
});

/// The first cursors of every list in every order, as text and as what their base64 holds.
pub fn seeds() -> Vec<Seed> {
    let mut seeds = vec![("no-cursor", b"\0\x01\0no cursor".to_vec())];
    for order in 0..10 {
        let mut made = Vec::new();
        each_list(&Asked { order: order.into(), size: 2, text: String::new() }, &mut made);
        for (list, cursor) in ["partners", "cas", "groups", "policies", "links", "keys"].iter().zip(made) {
            let held = URL_SAFE_NO_PAD.decode(cursor.as_str()).expect("base64");
            let name = |form: &str| -> &'static str { format!("{list}-{order}-{form}").leak() };
            seeds.push((name("text"), [&[order, 1, 0], cursor.as_str().as_bytes()].concat()));
            seeds.push((name("held"), [&[order, 1, 1][..], &held].concat()));
        }
    }
    seeds
}
