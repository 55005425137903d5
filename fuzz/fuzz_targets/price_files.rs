//! Price files, our own and those of others; the first byte says which. Whatever comes is read or refused;
//! what is read can be written, read again and used, and is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pratiko_domain::pricing::{Call, PriceList, PriceTable, ServiceTier, Tokens};
use pratiko_domain::time::Timestamp;
use pratiko_intake::prices::{Imported, genai_prices, litellm, read, write};

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    let list = match kind {
        b'L' => litellm::import(bytes, Some("fuzz")).map(taken).map_err(|error| error.to_string()),
        b'G' => genai_prices::import(bytes, Some("fuzz")).map(taken).map_err(|error| error.to_string()),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => read(text, Some("fuzz")).map_err(|error| error.to_string()),
            Err(_) => return,
        },
    };
    match list {
        Ok(list) => {
            let written = write(&list);
            let again = read(&written, None).unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again.providers(), list.providers());
            use_all(list);
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
});

fn taken(imported: Imported) -> PriceList {
    assert!(imported.left_out.iter().all(|line| !line.what.is_empty() && !line.why.is_empty()));
    imported.list
}

/// Every price of the list has a cost that is not below zero.
fn use_all(list: PriceList) {
    let table = PriceTable::new(vec![list]);
    let tokens = Tokens {
        input: u64::MAX,
        cache_read: 3,
        cache_write: 5,
        cache_write_1h: 7,
        output: u64::MAX,
        reasoning: 11,
        requests: 13,
        ..Tokens::default()
    };
    for provider in table.lists().iter().flat_map(PriceList::providers) {
        for model in &provider.models {
            for tier in ServiceTier::ALL {
                let tier = Some(tier.name());
                let call = Call { provider: &provider.name, model: &model.name, service_tier: tier, tokens };
                for at in [Timestamp::MIN, Timestamp::from_seconds(1_790_000_000), Timestamp::MAX] {
                    match table.price(&call, at) {
                        Ok(priced) => assert!(priced.exact.femtos() >= 0 && !priced.price.is_empty()),
                        Err(reason) => assert!(!reason.to_string().is_empty()),
                    }
                }
            }
        }
    }
}
