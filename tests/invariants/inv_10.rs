//! Nothing of the request is reflected into a header unvalidated; nor anything of the provider's.

use crate::any::{MARK, callback_scene, scene};
use http::header;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn marked_text_comes_back_in_no_header_but_a_parsed_location(any in scene(), callback in callback_scene()) {
        for run in [any, callback].iter().filter_map(crate::any::Scene::play) {
            for (name, value) in run.response.headers() {
                prop_assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
                let marked = value.to_str().unwrap().contains(MARK);
                // Where a redirect leads is `inv_05`'s.
                prop_assert!(!marked || name == header::LOCATION, "{name}: {value:?}");
            }
            let types: Vec<_> = run.response.headers().get_all(header::CONTENT_TYPE).iter().collect();
            prop_assert!(types.is_empty() || types == ["application/json"]);
        }
    }
}
