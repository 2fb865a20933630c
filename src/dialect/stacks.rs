//! Heads of whole stacks, each judged by what its providers document (the links stand in their dialects) and by RFC
//! 9110, 9111 and 9211 before it was read. It holds nothing but tests.

use crate::dialect::testing::assert_reads;

/// What a head is, and after the bar what it says: provider, status, POP and age of the cache nearest the client.
const HEADS: &str = include_str!("../../fixtures/stacks.txt");

#[test]
fn of_each_stack_the_cache_nearest_the_client_is_read() {
    let mut count = 0;
    for block in HEADS.split("=== ").skip(1) {
        let (title, head) = block.split_once('\n').unwrap();
        let (what, expected) = title.rsplit_once(" | ").unwrap();
        assert_reads(&[(what, head.trim_end(), expected)]);
        count += 1;
    }
    assert!(count >= 60, "{count} heads");
}
