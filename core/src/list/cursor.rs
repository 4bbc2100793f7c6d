//! The opaque text that says where a page ended.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Direction, ListError, Position, SortKey, SortValue};
use crate::Timestamp;

/// Where a page ended: opaque text of letters, digits, `-` and `_`, good for the same list in the same order.
///
/// It holds the last row's sort value and id, so it stays good while rows come and go. It is not signed: a caller
/// who makes one up reads nothing that the list itself would not show them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

/// Longer than any cursor the engine makes: of the names that lists are sorted by, a CA's subject has the most
/// characters, 1,024; folding its case makes at most three of one, each of at most four bytes, and base64 a third more.
const MAX_CURSOR_BYTES: usize = 20_000;
/// Parts a cursor is made of: sort key, direction, kind of value, id, value. The value comes last, as it may hold
/// any character.
const PARTS: usize = 5;
const SEPARATOR: char = '\u{1f}';

impl Cursor {
    pub(crate) fn new<S: SortKey>(sort: S, direction: Direction, position: &Position) -> Self {
        let (kind, value) = match &position.value {
            SortValue::Text(text) => ("s", text.clone()),
            SortValue::Time(time) => ("t", time.unix_micros().to_string()),
        };
        let parts: [&str; PARTS] = [sort.as_str(), direction.as_str(), kind, &position.id, &value];
        Self(URL_SAFE_NO_PAD.encode(parts.join(&SEPARATOR.to_string())))
    }

    /// The text, to be handed back with the next request.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn position<S: SortKey>(&self, sort: S, direction: Direction) -> Result<Position, ListError> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| ListError::MalformedCursor)?;
        let text = String::from_utf8(bytes).map_err(|_| ListError::MalformedCursor)?;
        let parts: Vec<&str> = text.splitn(PARTS, SEPARATOR).collect();
        let [found_sort, found_direction, kind, id, value] = parts[..] else {
            return Err(ListError::MalformedCursor);
        };
        if found_sort != sort.as_str() || found_direction != direction.as_str() {
            let known = S::ALL.iter().any(|key| key.as_str() == found_sort);
            return Err(ListError::ForeignCursor {
                required: format!("{} {direction}", sort.as_str()),
                found: if known {
                    format!("{found_sort} {found_direction}")
                } else {
                    "another list".to_owned()
                },
            });
        }
        // No id or name that the engine keeps has one, and not every database can be asked for one.
        if id.chars().chain(value.chars()).any(char::is_control) {
            return Err(ListError::MalformedCursor);
        }
        let value = match (kind, sort.is_time()) {
            ("s", false) => SortValue::Text(value.to_owned()),
            ("t", true) => {
                let micros: i64 = value.parse().map_err(|_| ListError::MalformedCursor)?;
                SortValue::Time(Timestamp::from_unix_micros(micros))
            }
            _ => return Err(ListError::MalformedCursor),
        };
        Ok(Position { value, id: id.to_owned() })
    }
}

crate::wire::text_on_the_wire!(Cursor as_str);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = ListError;

    /// Takes any text of a cursor's alphabet and length; whether it fits the list shows when it is used.
    fn from_str(text: &str) -> Result<Self, ListError> {
        let fits = !text.is_empty()
            && text.len() <= MAX_CURSOR_BYTES
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Self(text.to_owned())) } else { Err(ListError::MalformedCursor) }
    }
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro makes public sort keys")]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::{TestCaseError, TestRunner};

    use super::*;
    use crate::list::sort_keys;

    sort_keys!(
        /// Keys of a list made for this test.
        TestSort newest Created {
            /// Text.
            Name = "test.name",
            /// An instant.
            Created = "test.created" (time),
        }
    );

    #[test]
    fn a_cursor_gives_back_the_place_it_was_made_of() {
        for (sort, value) in [
            (TestSort::Name, SortValue::Text("a b é".into())),
            (TestSort::Name, SortValue::Text(String::new())),
            (TestSort::Created, SortValue::Time(Timestamp::MAX)),
            (TestSort::Created, SortValue::Time(Timestamp::MIN)),
        ] {
            let position = Position { value, id: "018f".into() };
            let cursor = Cursor::new(sort, Direction::Ascending, &position);
            let read: Cursor = cursor.as_str().parse().unwrap();
            assert_eq!(read.position(sort, Direction::Ascending), Ok(position));
            assert_eq!(cursor.to_string(), cursor.as_str());
        }
    }

    #[test]
    fn a_cursor_with_a_control_character_was_not_made_by_the_engine() {
        for (id, value) in [("1", "a\0b"), ("1\n", "a"), ("1", "a\u{1f}b")] {
            let position = Position { value: SortValue::Text(value.into()), id: id.into() };
            let cursor = Cursor::new(TestSort::Name, Direction::Ascending, &position);
            let read = cursor.position(TestSort::Name, Direction::Ascending);
            assert_eq!(read, Err(ListError::MalformedCursor), "{id:?} {value:?}");
        }
    }

    #[test]
    fn a_cursor_of_another_sort_direction_or_list_is_refused() {
        let position = Position { value: SortValue::Text("a".into()), id: "1".into() };
        let cursor = Cursor::new(TestSort::Name, Direction::Ascending, &position);
        for (sort, direction, required) in [
            (TestSort::Name, Direction::Descending, "test.name descending"),
            (TestSort::Created, Direction::Ascending, "test.created ascending"),
        ] {
            let (required, found) = (required.to_owned(), "test.name ascending".to_owned());
            assert_eq!(cursor.position(sort, direction), Err(ListError::ForeignCursor { required, found }));
        }
        let (required, found) = ("partner.id ascending".to_owned(), "another list".to_owned());
        let elsewhere = cursor.position(crate::partner::PartnerSort::Id, Direction::Ascending);
        assert_eq!(elsewhere, Err(ListError::ForeignCursor { required, found }));
    }

    /// A value of the kind that the sort key has, and an id, as the engine keeps them.
    fn position<S: SortKey>(sort: S) -> impl Strategy<Value = Position> {
        let text = any::<String>().prop_map(|text| text.chars().filter(|c| !c.is_control()).collect());
        let value = match sort.is_time() {
            true => any::<i64>().prop_map(|at| SortValue::Time(Timestamp::from_unix_micros(at))).boxed(),
            false => Strategy::prop_map(text.clone(), SortValue::Text).boxed(),
        };
        (value, text).prop_map(|(value, id)| Position { value, id })
    }

    fn is_foreign(found: Result<Position, ListError>) -> bool {
        matches!(found, Err(ListError::ForeignCursor { .. }))
    }

    /// Any place in the list leads there and back in the order it was made for, and is refused in every other.
    fn check_list<S: SortKey>() -> Result<(), TestCaseError> {
        let orders = || S::ALL.iter().flat_map(|sort| Direction::ALL.iter().map(|to| (*sort, *to)));
        for (sort, direction) in orders() {
            let mut runner = TestRunner::deterministic();
            let tested = runner.run(&position(sort), |position| {
                let cursor = Cursor::new(sort, direction, &position);
                let read: Cursor = cursor.as_str().parse().map_err(|_| TestCaseError::fail("not read"))?;
                for (other, to) in orders() {
                    let found = read.position(other, to);
                    if (other, to) == (sort, direction) {
                        prop_assert_eq!(found.as_ref(), Ok(&position));
                    } else {
                        prop_assert!(is_foreign(found));
                    }
                }
                prop_assert!(is_foreign(read.position(TestSort::Name, direction)));
                Ok(())
            });
            tested.map_err(|error| TestCaseError::fail(format!("{sort:?} {direction}: {error}")))?;
        }
        Ok(())
    }

    #[test]
    fn a_cursor_of_any_list_leads_back_to_any_place_in_its_own_order_alone() {
        check_list::<crate::partner::PartnerSort>().unwrap();
        check_list::<crate::trust_store::CaCertificateSort>().unwrap();
        check_list::<crate::policy::PolicyGroupSort>().unwrap();
        check_list::<crate::policy::PolicySort>().unwrap();
        check_list::<crate::policy_link::PolicyLinkSort>().unwrap();
        check_list::<crate::license_key::LicenseKeySort>().unwrap();
    }

    proptest! {
        #[test]
        fn a_made_up_cursor_is_one_that_the_engine_could_have_made_or_is_refused(
            sort in select(&["test.name", "test.name", "test.name", "test.created", ""][..]),
            direction in select(&["ascending", "ascending", "ascending", "descending"][..]),
            kind in select(&["s", "s", "s", "t"][..]),
            rest in vec("[aé7 \u{1f}]{0,3}", 1..4),
        ) {
            let held = [&[sort, direction, kind].map(str::to_owned)[..], &rest].concat().join("\u{1f}");
            let cursor: Cursor = URL_SAFE_NO_PAD.encode(held).parse().unwrap();
            let found = cursor.position(TestSort::Name, Direction::Ascending);
            let is_of_this_list = sort == "test.name" && direction == "ascending";
            match found {
                Ok(position) => {
                    prop_assert!(is_of_this_list);
                    prop_assert_eq!(Cursor::new(TestSort::Name, Direction::Ascending, &position), cursor);
                }
                Err(ListError::MalformedCursor) => {}
                Err(error) => prop_assert!(!is_of_this_list, "{}", error),
            }
        }
    }

    #[test]
    fn text_that_is_no_cursor_is_refused() {
        for text in ["", "ä", "a b", "****", &"a".repeat(MAX_CURSOR_BYTES + 1)] {
            assert_eq!(text.parse::<Cursor>(), Err(ListError::MalformedCursor), "{text}");
        }
        for text in ["AAAA", "dGVzdA"] {
            let cursor: Cursor = text.parse().unwrap();
            assert_eq!(
                cursor.position(TestSort::Name, Direction::Ascending),
                Err(ListError::MalformedCursor),
                "{text}"
            );
        }
    }
}
