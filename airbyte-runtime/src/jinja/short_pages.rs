//! Whether a condition holds for a page that is only as short as it was asked for.

use super::syntax::{Comparison, Expr, Stmt};

const LAST: &str = "last_page_size";
const REQUESTED: &str = "page_size";

/// Whether the condition certainly ends the pages at one that is full, once pages of `minimum` records are asked for:
/// it compares `last_page_size` with something that does not follow the size that was asked for.
pub(super) fn ends_at_reduced_page(statements: &[Stmt], minimum: i64) -> bool {
    let [statement] = statements else { return false };
    match statement {
        Stmt::Emit(expr) => expr_ends(expr, minimum),
        Stmt::If { condition, then, otherwise } => {
            otherwise.is_empty() && renders_truth(then) && expr_ends(condition, minimum)
        }
        _ => false,
    }
}

/// Comparisons decide a condition only through `and` and `or`; within anything else they may mean their opposite.
fn expr_ends(expr: &Expr, minimum: i64) -> bool {
    match expr {
        Expr::And(left, right) | Expr::Or(left, right) => expr_ends(left, minimum) || expr_ends(right, minimum),
        Expr::Compare(first, rest) => {
            let lefts = std::iter::once(&**first).chain(rest.iter().map(|(_, operand)| operand));
            lefts.zip(rest).any(|(left, (comparison, right))| comparison_ends(left, *comparison, right, minimum))
        }
        _ => false,
    }
}

fn comparison_ends(left: &Expr, comparison: Comparison, right: &Expr, minimum: i64) -> bool {
    let (threshold, with_equal) = match (names(left, LAST), comparison, names(right, LAST)) {
        (true, Comparison::Less, false) if !is_arithmetic(left) => (right, false),
        (true, Comparison::LessOrEqual, false) if !is_arithmetic(left) => (right, true),
        (false, Comparison::Greater, true) if !is_arithmetic(right) => (left, false),
        (false, Comparison::GreaterOrEqual, true) if !is_arithmetic(right) => (left, true),
        _ => return false,
    };
    if names(threshold, REQUESTED) {
        return false;
    }
    match threshold {
        Expr::Constant(value) if value.is_integer() => {
            let size = i64::try_from(value.clone()).unwrap_or(i64::MAX);
            size.saturating_add(i64::from(with_equal)) > minimum
        }
        _ => true,
    }
}

fn is_arithmetic(expr: &Expr) -> bool {
    matches!(expr, Expr::Binary(..))
}

/// Whether a variable stands in an expression.
fn names(expr: &Expr, variable: &str) -> bool {
    let any = |exprs: &[Expr]| exprs.iter().any(|expr| names(expr, variable));
    match expr {
        Expr::Variable(name) => &**name == variable,
        Expr::Constant(_) => false,
        Expr::List(items) | Expr::Tuple(items) => any(items),
        Expr::Map(pairs) => pairs.iter().any(|(key, value)| names(key, variable) || names(value, variable)),
        Expr::Attribute(of, _) | Expr::Not(of) | Expr::Negative(of) => names(of, variable),
        Expr::Item(left, right) | Expr::And(left, right) | Expr::Or(left, right) | Expr::Binary(_, left, right) => {
            names(left, variable) || names(right, variable)
        }
        Expr::Slice(slice) => {
            names(&slice.value, variable) || slice.bounds.iter().flatten().any(|bound| names(bound, variable))
        }
        Expr::Call(callee, arguments) => {
            names(callee, variable) || arguments.iter().any(|argument| names(argument.expr(), variable))
        }
        Expr::Filter { input, arguments, .. } => {
            input.as_ref().is_some_and(|input| names(input, variable))
                || arguments.iter().any(|argument| names(argument.expr(), variable))
        }
        Expr::Test { input, arguments, .. } => {
            names(input, variable) || arguments.iter().any(|argument| names(argument.expr(), variable))
        }
        Expr::Compare(first, rest) => {
            names(first, variable) || rest.iter().any(|(_, operand)| names(operand, variable))
        }
        Expr::Choose(choose) => {
            names(&choose.condition, variable)
                || names(&choose.then, variable)
                || choose.otherwise.as_ref().is_some_and(|otherwise| names(otherwise, variable))
        }
    }
}

/// Whether a branch renders text that counts as true, and nothing that would have to be evaluated.
fn renders_truth(body: &[Stmt]) -> bool {
    let mut text = String::new();
    for statement in body {
        match statement {
            Stmt::Raw(raw) => text.push_str(raw),
            Stmt::Emit(Expr::Constant(value)) => text.push_str(&value.to_string()),
            _ => return false,
        }
    }
    !matches!(text.as_str(), "" | "False" | "false" | "{}" | "[]" | "()" | "0" | "0.0")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use crate::jinja::{Environment, Template};

    fn ends(condition: &str, minimum: i64) -> bool {
        let environment = Environment::new(&json!({}));
        Template::new(&environment, condition, &Arc::default()).unwrap().ends_at_reduced_page(minimum)
    }

    #[test]
    fn a_size_that_stays_ends_the_pages_too_early() {
        for condition in [
            "{{ last_page_size < 100 }}",
            "{{ 100 > last_page_size }}",
            "{{ last_page_size < config['page_size'] }}",
            "{{ not response.next or last_page_size <= 1 }}",
            "{% if last_page_size < 100 %}true{% endif %}",
            "{{ 0 < last_page_size < 100 }}",
        ] {
            assert!(ends(condition, 1), "{condition}");
        }
    }

    #[test]
    fn what_follows_the_size_or_cannot_be_told_does_not() {
        for condition in [
            "{{ last_page_size < page_size }}",
            "{{ last_page_size == 0 }}",
            "{{ last_page_size < 1 }}",
            "{{ last_page_size > 100 }}",
            "{{ not (last_page_size >= 100) }}",
            "{{ last_page_size - 100 < 0 }}",
            "{{ response.data | length < 100 }}",
            "{{ not response.next }}",
            "{% if last_page_size < 100 %}true{% else %}x{% endif %}",
        ] {
            assert!(!ends(condition, 1), "{condition}");
        }
        assert!(!ends("{{ last_page_size < 10 }}", 10));
    }
}
