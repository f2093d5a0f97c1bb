//! The pages of the tables, as a browser without JavaScript uses them.

use crate::house::House;

#[tokio::test]
async fn the_list_counts_the_rows_of_every_table() {
    let house = House::new().await;
    let page = house.get("/tables").await;
    assert!(
        page.starts_with("200") && page.contains("<a href=\"/tables/quote\"><code>quote</code></a>"),
        "{page}"
    );
    assert!(page.contains("<td class=\"number\">3</td>"), "{page}");
    assert!(page.contains("<a href=\"/tables\" aria-current=\"page\">Tables</a>"), "{page}");
    assert!(house.get_chinese("/tables").await.contains("目标库中已同步的数据"));
}

#[tokio::test]
async fn a_filter_of_the_form_holds_for_rows_count_and_export() {
    let house = House::new().await;
    let page = house.get("/tables/quote?where=day:from:2025-10-09&column=price&test=from&value=12").await;
    assert!(page.starts_with("200") && page.contains("1 of 3 rows") && page.contains("12.05"), "{page}");
    assert!(!page.contains("11.50") && !page.contains("11.90"), "{page}");
    let address = "/api/v1/tables/quote/export?format=csv&where=day:from:2025-10-09&where=price:from:12";
    assert!(page.contains(&address.replace('&', "&amp;")), "{page}");
    assert_eq!(house.get(address).await, "200 OK\nday,code,name,price\r\n2025-10-09,600000,,12.05\r\n");
}

#[tokio::test]
async fn rows_are_ordered_by_a_click_on_a_head() {
    let house = House::new().await;
    let page = house.get("/tables/quote?order=-price").await;
    let places: Vec<_> = ["12.05", "11.90", "11.50"].iter().map(|price| page.find(price)).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{page}");
    assert!(page.contains("aria-sort=\"descending\""), "{page}");
}

#[tokio::test]
async fn what_cannot_be_shown_is_said_in_the_page() {
    let house = House::new().await;
    for (path, status, words) in [
        ("/tables/quote?column=price&test=from&value=much", "400", "`much` does not fit price"),
        ("/tables/quote?where=colour:eq:red", "400", "colour: no column of quote"),
        ("/tables/quote?column=price&test=contains&value=1", "400", "These rows cannot be shown."),
        ("/tables/sqlite_schema", "404", "These rows cannot be shown."),
        ("/tables/quote?column=code&test=eq&value=9", "200", "No row matches these filters."),
    ] {
        let page = house.get(path).await;
        assert!(page.starts_with(status) && page.contains(words) && page.contains("<main"), "{path}: {page}");
    }
    let page = house.get("/tables/quote?column=code&test=eq&value=%3Cscript%3E%26%22").await;
    assert!(page.starts_with("200") && !page.contains("<script>&"), "{page}");
}
