//! Reads customers, charges, invoices and events from Stripe's API.

use std::collections::BTreeMap;

use airbyte_runtime::prelude::*;

/// Payments of a Stripe account.
#[source(
    name              = "source-stripe",
    title             = "Stripe",
    documentation_url = "https://docs.stripe.com/api",
    base_url          = "https://api.stripe.com/v1",
    // Stripe takes the key as the user name, and no password.
    auth              = basic(username = config.secret_key),
    // A header whose optional config field is not set is not sent.
    headers           = { "Stripe-Version" = "2024-06-20", "Stripe-Account" = config.account_id },
    streams           = [Customer, Charge, Invoice, InvoiceLineItem, Event],
    check             = Customer,
)]
struct Stripe {
    /// Secret key, or a restricted key that may read what is synced.
    #[config(example = "sk_live_…")]
    secret_key: Secret,
    /// Connected account to read, if it is not the one that the key belongs to.
    #[config(title = "Connected account", example = "acct_1032D82eZvKYlo2C")]
    account_id: Option<String>,
    /// Charges, invoices and events from before this instant are left out.
    #[config(example = "2024-01-01T00:00:00Z")]
    start_date: Timestamp,
}

/// A customer.
// Stripe cannot say which customers changed since an instant, so all of them are read each time.
#[stream(
    source      = Stripe,
    name        = "customers",
    path        = "/customers",
    records     = "data",
    paginator   = cursor_token(
        from_last_record = id, has_more = "has_more", token_param = "starting_after",
        page_size = 100, page_size_param = "limit",
    ),
    transform   = normalize_email,
    primary_key = id,
)]
struct Customer {
    id: String,
    /// The address in lower case.
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    description: Option<String>,
    address: Option<Address>,
    /// What the customer owes, or is owed if negative, in the smallest unit of the currency.
    balance: i64,
    currency: Option<String>,
    delinquent: Option<bool>,
    default_source: Option<String>,
    invoice_prefix: Option<String>,
    tax_exempt: Option<String>,
    metadata: BTreeMap<String, String>,
    livemode: bool,
    /// Seconds since 1970.
    created: i64,
}

/// Stripe keeps an address as it was typed; who joins by it wants one spelling.
fn normalize_email(customer: &mut Customer) {
    if let Some(email) = &mut customer.email {
        *email = email.trim().to_lowercase();
    }
}

/// An attempt to move money into the account.
// A charge may be captured, refunded or disputed after it was created: the last 30 days are read again each time.
#[stream(
    source      = Stripe,
    name        = "charges",
    path        = "/charges",
    records     = "data",
    paginator   = cursor_token(
        from_last_record = id, has_more = "has_more", token_param = "starting_after",
        page_size = 100, page_size_param = "limit",
    ),
    cursor      = datetime(
        created, format = "%s", start = config.start_date, step = "P30D", lookback = "P30D",
        start_param = "created[gte]", end_param = "created[lte]",
    ),
    primary_key = id,
)]
struct Charge {
    id: String,
    /// In the smallest unit of the currency, as all amounts.
    amount: i64,
    amount_captured: i64,
    amount_refunded: i64,
    /// The three letters of ISO 4217 in lower case.
    currency: String,
    status: ChargeStatus,
    captured: bool,
    disputed: bool,
    paid: bool,
    refunded: bool,
    customer: Option<String>,
    invoice: Option<String>,
    payment_intent: Option<String>,
    payment_method: Option<String>,
    payment_method_details: Option<PaymentMethodDetails>,
    balance_transaction: Option<String>,
    billing_details: BillingDetails,
    outcome: Option<Outcome>,
    failure_code: Option<String>,
    failure_message: Option<String>,
    description: Option<String>,
    statement_descriptor: Option<String>,
    receipt_email: Option<String>,
    metadata: BTreeMap<String, String>,
    livemode: bool,
    /// Seconds since 1970.
    created: i64,
}

/// A bill for a customer.
// An invoice is paid, voided or given up after it was created: the last 30 days are read again each time.
#[stream(
    source      = Stripe,
    name        = "invoices",
    path        = "/invoices",
    records     = "data",
    paginator   = cursor_token(
        from_last_record = id, has_more = "has_more", token_param = "starting_after",
        page_size = 100, page_size_param = "limit",
    ),
    cursor      = datetime(
        created, format = "%s", start = config.start_date, step = "P30D", lookback = "P30D",
        start_param = "created[gte]", end_param = "created[lte]",
    ),
    primary_key = id,
)]
struct Invoice {
    id: String,
    /// The number that the customer sees; null for a draft.
    number: Option<String>,
    status: Option<InvoiceStatus>,
    status_transitions: StatusTransitions,
    customer: Option<String>,
    customer_email: Option<String>,
    customer_name: Option<String>,
    subscription: Option<String>,
    charge: Option<String>,
    payment_intent: Option<String>,
    billing_reason: Option<String>,
    collection_method: String,
    currency: String,
    subtotal: i64,
    tax: Option<i64>,
    total: i64,
    amount_due: i64,
    amount_paid: i64,
    amount_remaining: i64,
    attempt_count: i64,
    due_date: Option<i64>,
    period_start: i64,
    period_end: i64,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    livemode: bool,
    /// Seconds since 1970.
    created: i64,
}

/// A line of an invoice.
#[stream(
    source      = Stripe,
    name        = "invoice_line_items",
    path        = "/invoices/{parent.id}/lines",
    parent      = Invoice,
    records     = "data",
    paginator   = cursor_token(
        from_last_record = id, has_more = "has_more", token_param = "starting_after",
        page_size = 100, page_size_param = "limit",
    ),
    primary_key = id,
)]
struct InvoiceLineItem {
    id: String,
    invoice: Option<String>,
    amount: i64,
    currency: String,
    description: Option<String>,
    quantity: Option<i64>,
    price: Option<Price>,
    period: Period,
    proration: bool,
    r#type: String,
    invoice_item: Option<String>,
    subscription: Option<String>,
    subscription_item: Option<String>,
    metadata: BTreeMap<String, String>,
    livemode: bool,
}

/// A change of something that the other streams read; Stripe keeps events for 30 days.
#[stream(
    source      = Stripe,
    name        = "events",
    path        = "/events",
    query       = {
        "types[]" = [
            "charge.refunded", "charge.updated", "customer.deleted", "customer.updated", "invoice.deleted",
            "invoice.updated",
        ],
    },
    records     = "data",
    paginator   = cursor_token(
        from_last_record = id, has_more = "has_more", token_param = "starting_after",
        page_size = 100, page_size_param = "limit",
    ),
    cursor      = datetime(
        created, format = "%s", start = config.start_date,
        start_param = "created[gte]", end_param = "created[lte]",
    ),
    primary_key = id,
)]
struct Event {
    id: String,
    /// What happened to what, as in `customer.updated`.
    r#type: String,
    data: EventData,
    request: Option<EventRequest>,
    account: Option<String>,
    api_version: Option<String>,
    pending_webhooks: i64,
    livemode: bool,
    /// Seconds since 1970.
    created: i64,
}

#[record]
#[serde(rename_all = "snake_case")]
enum ChargeStatus {
    Succeeded,
    Pending,
    Failed,
}

#[record]
#[serde(rename_all = "snake_case")]
enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

/// When the invoice came into a state, in seconds since 1970.
#[record]
struct StatusTransitions {
    finalized_at: Option<i64>,
    marked_uncollectible_at: Option<i64>,
    paid_at: Option<i64>,
    voided_at: Option<i64>,
}

#[record]
struct Address {
    line1: Option<String>,
    line2: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    state: Option<String>,
    /// The two letters of ISO 3166.
    country: Option<String>,
}

#[record]
struct BillingDetails {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<Address>,
}

/// How the payment was made; what belongs to other methods than cards is passed on as it comes.
#[record]
struct PaymentMethodDetails {
    r#type: String,
    card: Option<Card>,
}

#[record]
struct Card {
    brand: Option<String>,
    last4: Option<String>,
    exp_month: i64,
    exp_year: i64,
    funding: Option<String>,
    country: Option<String>,
}

/// Why the payment was accepted or not.
#[record]
struct Outcome {
    r#type: String,
    network_status: Option<String>,
    reason: Option<String>,
    risk_level: Option<String>,
    risk_score: Option<i64>,
    seller_message: Option<String>,
}

#[record]
struct Price {
    id: String,
    product: String,
    nickname: Option<String>,
    unit_amount: Option<i64>,
    currency: String,
}

/// Seconds since 1970.
#[record]
struct Period {
    start: i64,
    end: i64,
}

#[record]
struct EventData {
    object: EventObject,
}

/// What changed, as it was afterwards; its other fields depend on what it is, and are passed on as they come.
#[record]
struct EventObject {
    id: Option<String>,
    /// What it is, such as `customer`.
    object: String,
}

/// The request that made the change; its id is null if Stripe did it by itself.
#[record]
struct EventRequest {
    id: Option<String>,
    idempotency_key: Option<String>,
}

airbyte_runtime::main!(Stripe);

airbyte_runtime::connector_tests!(Stripe, "tests");
