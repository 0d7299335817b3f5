//! Draws expressions.

use super::makers::{KEYWORDS, MAKERS, NUMBERS, TEXTS};
use super::{Draw, SLOTS};
use crate::node::Node;

const BINARY: &[&str] = &[
    "$ + $",
    "$ - $",
    "$ * $",
    "$ / $",
    "$ // $",
    "$ % $",
    "$ ** $",
    "$ << $",
    "$ >> $",
    "$ & $",
    "$ | $",
    "$ ^ $",
    "$ @ $",
    "$ == $",
    "$ != $",
    "$ < $",
    "$ > $",
    "$ <= $",
    "$ >= $",
    "$ in $",
    "$ is $",
    "$ and $",
    "$ or $",
    "$ not in $",
];
const UNARY: &[&str] = &["-$", "+$", "~$", "not $", "*$,"];
const TYPES: &[&str] = &[
    "list",
    "dict",
    "set",
    "tuple",
    "str",
    "bytes",
    "int",
    "float",
    "bool",
    "type",
    "object",
    "Exception",
    "H",
    "HD",
    "HS",
    "HX",
    "range",
];

impl Draw<'_> {
    /// Any expression, in brackets where it needs them.
    pub(super) fn value(&mut self, depth: usize) -> Node {
        match self.below(100) {
            0..30 => self.slot(),
            30..52 => self.atom(),
            52..67 => self.maker(),
            67..75 => self.hostile(),
            75..80 => Node::leaf(self.one_of(TYPES)),
            _ if depth == 0 => self.atom(),
            80..86 => self.container(depth - 1),
            86..91 => self.operation(depth - 1),
            91..94 => self.subscript(depth - 1),
            _ => self.call(depth - 1),
        }
    }

    /// An object that an earlier statement left.
    pub(super) fn slot(&mut self) -> Node {
        Node::leaf(format!("v[{}]", self.below(SLOTS)))
    }

    pub(super) fn atom(&mut self) -> Node {
        match self.below(10) {
            0..5 => Node::leaf(self.one_of(NUMBERS)),
            5..9 => Node::leaf(self.one_of(TEXTS)),
            _ => Node::leaf(self.one_of(&["None", "...", "True", "NotImplemented"])),
        }
    }

    pub(super) fn small(&mut self) -> Node {
        Node::leaf(self.below(40).to_string())
    }

    /// The number of a maker.
    pub(super) fn pick_maker(&mut self) -> usize {
        let total: usize = MAKERS.iter().map(|(_, weight)| usize::from(*weight)).sum();
        let mut left = self.below(total);
        for (number, (_, weight)) in MAKERS.iter().enumerate() {
            match left.checked_sub(usize::from(*weight)) {
                Some(rest) => left = rest,
                None => return number,
            }
        }
        0
    }

    fn maker(&mut self) -> Node {
        let number = self.pick_maker();
        Node::leaf(MAKERS[number].0)
    }

    fn hostile(&mut self) -> Node {
        let class = self.one_of(&["H", "H", "HA", "HD", "HS", "HX", "HB"]);
        Node::leaf(format!("{class}({}, {})", self.below(21), self.below(120)))
    }

    fn container(&mut self, depth: usize) -> Node {
        let mut child = || self.value(depth);
        let (a, b, c, d) = (child(), child(), child(), child());
        match self.below(9) {
            0 => Node::of("[$, $, $]", vec![a, b, c]),
            1 => Node::of("($, $)", vec![a, b]),
            2 => Node::of("{$: $, $: $}", vec![a, b, c, d]),
            3 => Node::of("{$, $}", vec![a, b]),
            4 => Node::of("[$] * $", vec![a, self.small()]),
            5 => Node::of("[x for x in $]", vec![a]),
            6 => Node::of(
                "f'{$!r}{$:$}'",
                vec![
                    self.slot(),
                    self.slot(),
                    Node::leaf(self.one_of(&["", "10", "<5", "x", ",", "{v[1]}"])),
                ],
            ),
            7 => Node::of("slice($, $, $)", vec![a, b, c]),
            _ => Node::of(
                "nest(lambda x: $, $)",
                vec![
                    self.nesting(),
                    Node::leaf(self.one_of(&["5", "30", "300", "3000"])),
                ],
            ),
        }
    }

    /// One level around `x`.
    fn nesting(&mut self) -> Node {
        Node::leaf(self.one_of(&[
            "[x]",
            "(x,)",
            "{1: x}",
            "{x: 1}",
            "(x, x)",
            "iter([x])",
            "map(abs, x)",
            "zip(x)",
            "enumerate(x)",
            "filter(None, x)",
            "(y for y in x)",
            "H.__eq__(x, x)",
            "lambda: x",
            "ValueError(x)",
            "HL([x])",
            "HT((x,))",
            "collections.deque((x,), 1)",
            "slice(x, x)",
            "type('X', (), {'a': x})()",
            "frozenset((x,))",
            "collections.OrderedDict([(1, x)])",
            "property(x)",
            "super(H, x)",
            "memoryview(x)",
            "io.BufferedWriter(x, 1)",
            "deflate.DeflateIO(x)",
            "str(x)",
            "reversed([x])",
            "type('X', (x,) if isinstance(x, type) else (), {})",
        ]))
    }

    fn operation(&mut self, depth: usize) -> Node {
        if self.percent(80) {
            let text = self.one_of(BINARY);
            Node::of(format!("({text})"), vec![self.value(depth), self.value(depth)])
        } else {
            let text = self.one_of(UNARY);
            Node::of(format!("({text})"), vec![self.value(depth)])
        }
    }

    pub(super) fn subscript(&mut self, depth: usize) -> Node {
        let object = self.slot();
        match self.below(3) {
            0 => Node::of("$[$]", vec![object, self.value(depth)]),
            1 => Node::of("$[$:$]", vec![object, self.value(depth), self.value(depth)]),
            _ => Node::of(
                "$[$:$:$]",
                vec![object, self.value(depth), self.value(depth), self.value(depth)],
            ),
        }
    }

    /// A call of anything.
    pub(super) fn call(&mut self, depth: usize) -> Node {
        let (text, mut children) = match self.below(10) {
            0..5 => self.function(),
            5..9 => self.method(),
            _ => ("$".to_owned(), vec![self.value(depth)]),
        };
        let (arguments, more) = self.arguments(depth);
        children.extend(more);
        Node::of(format!("{text}({arguments})"), children)
    }

    /// A name of a module.
    fn function(&mut self) -> (String, Vec<Node>) {
        let names = self.names;
        let callable: Vec<_> = names.names.iter().filter(|name| name.is_callable).collect();
        if callable.is_empty() {
            return ("print".to_owned(), Vec::new());
        }
        // Modules have their turn whatever their size.
        let module = self.below(names.modules.len());
        let prefix = names
            .modules
            .get(module)
            .map_or_else(String::new, |module| format!("{module}."));
        let own: Vec<_> = callable
            .iter()
            .filter(|name| name.path.starts_with(&prefix))
            .collect();
        let name = if own.is_empty() || self.percent(40) {
            callable[self.below(callable.len())]
        } else {
            own[self.below(own.len())]
        };
        (name.path.clone(), Vec::new())
    }

    /// An object and one of its names, most times one that it has.
    fn method(&mut self) -> (String, Vec<Node>) {
        let names = self.names;
        let (object, maker) = if self.percent(60) {
            let slot = self.below(SLOTS);
            (Node::leaf(format!("v[{slot}]")), self.slots[slot])
        } else {
            let number = self.pick_maker();
            (Node::leaf(MAKERS[number].0), Some(number))
        };
        let own = maker
            .and_then(|number| names.of_makers.get(number))
            .filter(|own| !own.is_empty());
        let list = match own {
            Some(own) if self.percent(90) => own,
            _ => &names.attributes,
        };
        if list.is_empty() {
            return ("$".to_owned(), vec![object]);
        }
        let attribute = &list[self.below(list.len())];
        (format!("($).{attribute}"), vec![object])
    }

    /// Holes and what stands in them.
    fn arguments(&mut self, depth: usize) -> (String, Vec<Node>) {
        let count = self.one_of(&[0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5]);
        let mut texts = vec!["$".to_owned(); count];
        let mut children: Vec<Node> = (0..count).map(|_| self.value(depth)).collect();
        if self.percent(8) {
            texts.push(format!("{}=$", self.one_of(KEYWORDS)));
            children.push(self.value(depth));
        }
        if self.percent(4) {
            texts.push("*$".to_owned());
            children.push(self.value(depth));
        }
        if self.percent(2) {
            texts.push("**$".to_owned());
            children.push(self.value(depth));
        }
        (texts.join(", "), children)
    }
}
