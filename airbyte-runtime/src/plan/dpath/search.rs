//! Finding what a path matches.

use std::ops::ControlFlow;

use serde_json::Value;

use super::Dpath;
use super::segment::{Segment, Step};
use crate::error::{Error, Result};

/// How many segments may be matched already: more than one number only after `**`.
pub(super) type Progress = Vec<usize>;

impl Dpath {
    /// Where `**` is.
    pub(super) fn any_depth(&self) -> Option<usize> {
        self.segments.iter().position(Segment::is_any_depth)
    }

    /// Hands over every match; those of one level come before those below it.
    pub(super) fn search<'v>(
        &self,
        value: &'v Value,
        found: &mut dyn FnMut(&'v Value) -> ControlFlow<()>,
    ) -> Result<()> {
        self.check_searchable(value)?;
        // A break is a search that has seen enough.
        let _ = self.search_below(value, &self.start(), found);
        Ok(())
    }

    fn search_below<'v>(
        &self,
        value: &'v Value,
        progress: &[usize],
        found: &mut dyn FnMut(&'v Value) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if let (Value::Object(object), Some(key)) = (value, self.only_key(progress)) {
            let Some((key, child)) = object.get_key_value(key) else { return ControlFlow::Continue(()) };
            let ahead = self.advance(progress, Step::Key(key));
            if self.is_complete(&ahead) {
                found(child)?;
            }
            return self.search_below(child, &ahead, found);
        }
        let mut deeper = Vec::new();
        for (step, child) in children(value) {
            let ahead = self.advance(progress, step);
            if self.is_complete(&ahead) {
                found(child)?;
            }
            if self.goes_on(&ahead) {
                deeper.push((child, ahead));
            }
        }
        for (child, ahead) in deeper {
            self.search_below(child, &ahead, found)?;
        }
        ControlFlow::Continue(())
    }

    /// Lets a function change every match; what lies below a match is not looked at.
    pub(super) fn visit_mut(&self, value: &mut Value, found: &mut dyn FnMut(&mut Value)) {
        self.visit_below(value, &self.start(), found);
    }

    fn visit_below(&self, value: &mut Value, progress: &[usize], found: &mut dyn FnMut(&mut Value)) {
        let mut visit = |step: Step<'_>, child: &mut Value| {
            let ahead = self.advance(progress, step);
            if self.is_complete(&ahead) {
                found(child);
            } else if self.goes_on(&ahead) {
                self.visit_below(child, &ahead, found);
            }
        };
        match value {
            Value::Object(object) => match self.only_key(progress) {
                Some(key) => {
                    if let Some(child) = object.get_mut(key) {
                        visit(Step::Key(key), child);
                    }
                }
                None => object.iter_mut().for_each(|(key, child)| visit(Step::Key(key), child)),
            },
            Value::Array(items) => {
                let length = items.len();
                items.iter_mut().enumerate().for_each(|(at, child)| visit(Step::Position(at, length), child));
            }
            _ => {}
        }
    }

    /// # Errors
    /// Two `**`, if there is anything to search.
    pub(super) fn check_searchable(&self, value: &Value) -> Result<()> {
        let has_children = children(value).next().is_some();
        if has_children && self.segments.iter().filter(|segment| segment.is_any_depth()).count() > 1 {
            return Err(Error::system(format!("the path {self} has more than one `**`; only one is allowed")));
        }
        Ok(())
    }

    pub(super) fn start(&self) -> Progress {
        self.past_any_depth(vec![0])
    }

    pub(super) fn advance(&self, progress: &[usize], step: Step<'_>) -> Progress {
        let mut ahead = Progress::new();
        for at in progress {
            let Some(segment) = self.segments.get(*at) else { continue };
            if segment.is_any_depth() {
                ahead.push(*at);
            } else if segment.matches(step) {
                ahead.push(at + 1);
            }
        }
        self.past_any_depth(ahead)
    }

    /// Adds that `**` may also match no level.
    fn past_any_depth(&self, mut progress: Progress) -> Progress {
        if let Some(any_depth) = self.any_depth()
            && progress.contains(&any_depth)
            && !progress.contains(&(any_depth + 1))
        {
            progress.push(any_depth + 1);
        }
        progress
    }

    pub(super) fn is_complete(&self, progress: &[usize]) -> bool {
        progress.contains(&self.segments.len())
    }

    pub(super) fn goes_on(&self, progress: &[usize]) -> bool {
        progress.iter().any(|at| *at < self.segments.len())
    }

    /// The one key that can match next.
    fn only_key(&self, progress: &[usize]) -> Option<&str> {
        match progress {
            [at] => self.segments.get(*at)?.exact_key(),
            _ => None,
        }
    }
}

fn children(value: &Value) -> impl Iterator<Item = (Step<'_>, &Value)> {
    let members = value.as_object().into_iter().flatten().map(|(key, child)| (Step::Key(key), child));
    let items = value
        .as_array()
        .into_iter()
        .flat_map(|items| items.iter().enumerate().map(|(at, child)| (Step::Position(at, items.len()), child)));
    members.chain(items)
}
