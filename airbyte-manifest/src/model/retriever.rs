//! From requests to records.

use super::custom::Custom;
use super::declare::{choice, component};
use super::decoder::Decoder;
use super::paginator::{PageSizeReduction, PaginationReset, Paginator, RequestWindowSplitting};
use super::partition::PartitionRouter;
use super::record::{DownloadExtractor, Extractor, RecordSelector};
use super::requester::Requester;
use super::rule::at_least;
use super::value::{IntOrText, OneOrMany, Text};
use super::variables::CONFIG;

choice! {
    /// What gets a stream's records.
    Retriever {
        SimpleRetriever(Box<SimpleRetriever>),
        AsyncRetriever(Box<AsyncRetriever>),
        CustomRetriever(Custom),
    }
}

component! {
    /// Asks, and gets records.
    SimpleRetriever {
        /// What asks.
        requester: Requester;
        /// How answers are decoded; as JSON where absent.
        decoder: Option<Decoder>;
        /// Which of an answer are records.
        record_selector: RecordSelector;
        /// From page to page.
        paginator: Option<Paginator>;
        /// How the pages begin anew.
        pagination_reset: Option<PaginationReset>;
        /// How pages get smaller.
        page_size_reduction: Option<PageSizeReduction>;
        /// How windows get shorter.
        request_window_splitting: Option<RequestWindowSplitting>;
        /// Whether only the first page's request has the partition's and the window's values.
        ignore_stream_slicer_parameters_on_paginated_requests: bool = false;
        /// One request for each of many things; a list is their product, even a list of one.
        partition_router: Option<OneOrMany<PartitionRouter>>;
    }
}

component! {
    /// Starts a job, waits for it, and downloads what it made.
    AsyncRetriever {
        /// Which of a download are records.
        record_selector: RecordSelector;
        /// What the words for a job's state mean.
        status_mapping: AsyncJobStatusMap;
        /// Where the state is in an answer.
        status_extractor: Extractor;
        /// Where the addresses of the downloads are in an answer.
        download_target_extractor: Option<Extractor>;
        /// Where the records are in a download.
        download_extractor: Option<DownloadExtractor>;
        /// Starts the job.
        creation_requester: Requester;
        /// Asks for its state.
        polling_requester: Requester;
        /// The longest that a job may take, in minutes.
        polling_job_timeout: Option<IntOrText>, sees(CONFIG);
        /// The wait after a failed job, in seconds.
        failed_retry_wait_time_in_seconds: Option<IntOrText>, check(at_least::<1>), sees(CONFIG);
        /// Asks for the addresses of the downloads.
        download_target_requester: Option<Requester>;
        /// Downloads.
        download_requester: Requester;
        /// From page to page of a download.
        download_paginator: Option<Paginator>;
        /// Ends a job that takes too long.
        abort_requester: Option<Requester>;
        /// Removes a job that is done.
        delete_requester: Option<Requester>;
        /// One job for each of many things.
        partition_router: OneOrMany<PartitionRouter> = OneOrMany::Many(Vec::new());
        /// How answers are decoded.
        decoder: Option<Decoder>;
        /// How downloads are decoded.
        download_decoder: Option<Decoder>;
    }
}

component! {
    /// What the words for a job's state mean.
    AsyncJobStatusMap[.optional_tag()] {
        /// It runs.
        running: Vec<Text>;
        /// It is done.
        completed: Vec<Text>;
        /// It failed.
        failed: Vec<Text>;
        /// It took too long.
        timeout: Vec<Text>;
        /// There is nothing to do.
        skipped: Vec<Text> = Vec::new();
    }
}
