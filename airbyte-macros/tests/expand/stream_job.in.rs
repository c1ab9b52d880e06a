#[stream(
    source  = Shop,
    job     = async_job(
        create    = post("/exports", body = { kind = "orders" }),
        keep      = { id = "data.id" },
        poll      = get("/exports/{job.id}"),
        completed = ["done"],
        targets   = "files.*.url",
    ),
    records = "orders",
)]
struct Order { id: u64 }
