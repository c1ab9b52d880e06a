//! Partition routers: the parts that a stream is read in.

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use super::request::Inject;
use crate::config::Config;
use crate::error::Result;

/// The partitions of a stream.
///
/// A router of your own also implements [`PartitionKeys`](crate::define::partition::PartitionKeys), so that
/// `{partition.…}` in templates is checked while compiling.
pub trait PartitionRouter: Send + Sync + 'static {
    /// The partitions, each by the values that name it. The configured struct is at [`Config::typed`].
    fn partitions<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Value>>>>;

    /// Where a partition's value goes in a request, if not by a template.
    fn options(&self) -> Vec<(String, Inject)> {
        Vec::new()
    }
}

impl<R: PartitionRouter + ?Sized> PartitionRouter for &'static R {
    fn partitions<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Value>>>> {
        (**self).partitions(config)
    }
    fn options(&self) -> Vec<(String, Inject)> {
        (**self).options()
    }
}

/// One partition for each value.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) key: String,
    pub(crate) values: Vec<Value>,
}

impl PartitionRouter for List {
    fn partitions<'a>(&'a self, _config: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Value>>>> {
        let partitions = self.values.iter().map(|value| Map::from_iter([(self.key.clone(), value.clone())])).collect();
        Box::pin(std::future::ready(Ok(partitions)))
    }
}
