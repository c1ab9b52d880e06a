//! The syntax tree of a template, owned, with names resolved as far as they do not depend on variables.
//!
//! Jinja's text is parsed by minijinja; what the tree means is decided here, because operators, attributes and
//! printing have to be Python's.

use std::sync::Arc;

use minijinja::Value;

use super::arguments::Routine;

pub(super) type Name = Arc<str>;

/// A statement of a template's body.
#[derive(Debug)]
pub(super) enum Stmt {
    Raw(String),
    Emit(Expr),
    If {
        condition: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    For(Box<For>),
    With {
        assignments: Vec<(Target, Expr)>,
        body: Vec<Stmt>,
    },
    Set {
        target: Target,
        value: Expr,
    },
    SetBlock {
        target: Target,
        filter: Option<Expr>,
        body: Vec<Stmt>,
    },
    FilterBlock {
        filter: Expr,
        body: Vec<Stmt>,
    },
    Block(Vec<Stmt>),
    Macro(Arc<Macro>),
    CallBlock {
        callee: Expr,
        arguments: Vec<Argument>,
        caller: Arc<Macro>,
    },
    /// A statement that needs other templates, of which there are none.
    OtherTemplate,
}

#[derive(Debug)]
pub(super) struct For {
    pub(super) target: Target,
    pub(super) items: Expr,
    pub(super) filter: Option<Expr>,
    pub(super) body: Vec<Stmt>,
    pub(super) otherwise: Vec<Stmt>,
}

#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Name,
    /// Parameters and their defaults.
    pub(super) parameters: Vec<(Name, Option<Expr>)>,
    pub(super) body: Vec<Stmt>,
}

/// What an assignment binds.
#[derive(Debug)]
pub(super) enum Target {
    Name(Name),
    Tuple(Vec<Target>),
    /// An attribute of a namespace.
    Attribute(Name, Name),
}

#[derive(Debug)]
pub(super) enum Expr {
    Variable(Name),
    Constant(Value),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Attribute(Box<Expr>, Name),
    Item(Box<Expr>, Box<Expr>),
    Slice(Box<Slice>),
    Call(Box<Expr>, Vec<Argument>),
    /// A filter; its input is missing where it filters a block.
    Filter {
        routine: Routine,
        name: Name,
        input: Option<Box<Expr>>,
        arguments: Vec<Argument>,
    },
    Test {
        routine: Routine,
        input: Box<Expr>,
        arguments: Vec<Argument>,
    },
    Not(Box<Expr>),
    Negative(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Binary(Arithmetic, Box<Expr>, Box<Expr>),
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    Choose(Box<Choose>),
}

#[derive(Debug)]
pub(super) struct Slice {
    pub(super) value: Expr,
    /// Start, stop and step.
    pub(super) bounds: [Option<Expr>; 3],
}

#[derive(Debug)]
pub(super) struct Choose {
    pub(super) condition: Expr,
    pub(super) then: Expr,
    pub(super) otherwise: Option<Expr>,
}

#[derive(Debug)]
pub(super) enum Argument {
    Positional(Expr),
    Named(Name, Expr),
    Spread(Expr),
    NamedSpread(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    Concatenate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

impl Argument {
    pub(super) fn expr(&self) -> &Expr {
        match self {
            Self::Positional(expr) | Self::Named(_, expr) | Self::Spread(expr) | Self::NamedSpread(expr) => expr,
        }
    }
}
