//! Paginators of a manifest, lowered.

use std::sync::Arc;

use airbyte_manifest::model::{DefaultPaginator, IntOrText, PageTokenOption, PaginationStrategy, Paginator as Model};

use super::lowering::Lowering;
use super::paginator::{CursorStrategy, ManifestPaginator, Strategy};
use super::scope::IntervalKeys;
use crate::error::{Error, Result};
use crate::plan::decoder::Decoder;
use crate::plan::{Paginator, paginator};

/// A paginator, and whether its token is the address of the page.
pub(super) struct LoweredPaginator {
    pub(super) paginator: Arc<dyn Paginator>,
    pub(super) token_is_path: bool,
}

impl Lowering<'_> {
    /// The paginator of a retriever.
    ///
    /// # Errors
    /// Options that contradict each other, and a decoder whose answers have no pages.
    pub(super) fn paginator(
        &self,
        model: Option<&Model>,
        decoder: &Arc<Decoder>,
        interval_keys: &IntervalKeys,
    ) -> Result<LoweredPaginator> {
        match model {
            None | Some(Model::NoPagination(_)) => {
                Ok(LoweredPaginator { paginator: Arc::new(paginator::NoPagination), token_is_path: false })
            }
            Some(Model::DefaultPaginator(model)) => {
                self.default_paginator(model, decoder, interval_keys).map_err(|error| self.place(error, model.at))
            }
        }
    }

    fn default_paginator(
        &self,
        model: &DefaultPaginator,
        decoder: &Arc<Decoder>,
        interval_keys: &IntervalKeys,
    ) -> Result<LoweredPaginator> {
        let pageable = match &**decoder {
            Decoder::Json | Decoder::Xml => true,
            Decoder::Gzip(inner) => matches!(**inner, Decoder::Json),
            _ => false,
        };
        if !pageable {
            return Err(Error::system(
                "answers in this format have no pages: a paginator needs a JsonDecoder or an XmlDecoder",
            ));
        }
        let own = model.parameters();
        let size_option = model.page_size_option.as_ref().map(|option| self.inject(option, &own)).transpose()?;
        let (token_option, token_is_path) = match &model.page_token_option {
            Some(PageTokenOption::RequestOption(option)) => (Some(self.inject(option, &own)?), false),
            Some(PageTokenOption::RequestPath(_)) => (None, true),
            None => (None, false),
        };
        if size_option.is_some() && size_option == token_option {
            return Err(Error::system("`page_size_option` and `page_token_option` name the same place"));
        }
        let (strategy, page_size) = self.strategy(&model.pagination_strategy, decoder)?;
        if size_option.is_some() && page_size.is_none() {
            return Err(Error::system("`page_size_option` needs a `page_size` in the pagination strategy"));
        }
        let paginator = ManifestPaginator {
            strategy,
            token_option,
            size_option,
            page_size,
            interval_keys: Arc::clone(interval_keys),
        };
        Ok(LoweredPaginator { paginator: Arc::new(paginator), token_is_path })
    }

    fn strategy(&self, model: &PaginationStrategy, decoder: &Arc<Decoder>) -> Result<(Strategy, Option<i64>)> {
        let what = "`page_size`";
        match model {
            PaginationStrategy::PageIncrement(model) => {
                let own = model.parameters();
                let size = model.page_size.as_ref().map(|size| self.int(size, &own, what)).transpose()?;
                let inject_on_first_request = model.inject_on_first_request;
                Ok((Strategy::PageIncrement { start: model.start_from_page, inject_on_first_request }, size))
            }
            PaginationStrategy::OffsetIncrement(model) => {
                let own = model.parameters();
                let inject_on_first_request = model.inject_on_first_request;
                let (size, size_of_page) = match &model.page_size {
                    None => (None, None),
                    Some(IntOrText::Text(text)) => {
                        let template = self.template(text, &own);
                        match template.mentions("response") {
                            true => (None, Some(template)),
                            false => (Some(self.int(&IntOrText::Text(text.clone()), &own, what)?), None),
                        }
                    }
                    Some(size) => (Some(self.int(size, &own, what)?), None),
                };
                Ok((Strategy::OffsetIncrement { inject_on_first_request, size_of_page }, size))
            }
            PaginationStrategy::CursorPagination(model) => {
                let own = model.parameters();
                let size = model.page_size.as_ref().map(|size| self.int(size, &own, what)).transpose()?;
                let value = self.template(&model.cursor_value, &own);
                let stop = self.optional(model.stop_condition.as_ref(), &own);
                for template in [Some(&value), stop.as_ref()].into_iter().flatten() {
                    if size.is_none() && template.mentions("page_size") {
                        return Err(Error::system("a template names `page_size`, but the strategy has none")
                            .with_detail(format!("`{}`", template.text())));
                    }
                }
                let paths = CursorStrategy::paths(&value, stop.as_ref());
                Ok((Strategy::Cursor(CursorStrategy { value, stop, decoder: Arc::clone(decoder), paths }), size))
            }
            PaginationStrategy::CustomPaginationStrategy(custom) => {
                Ok((Strategy::Custom(self.registry.make_paginator(custom, self.config)?), None))
            }
        }
    }
}
