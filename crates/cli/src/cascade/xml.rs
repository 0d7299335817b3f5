//! OpenCV's XML of a boosted cascade of Haar-like features, as OpenCV 2.4 and later write it.

use std::str::FromStr;

use roxmltree::{Document, Node as Element};

/// What the file says.
pub struct Cascade {
    /// Width and height of the window.
    pub window: (u8, u8),
    pub stages: Vec<Stage>,
}

/// A stage: the window goes on if the nodes' values add up to the threshold.
pub struct Stage {
    pub threshold: f64,
    pub nodes: Vec<Node>,
}

/// A node: a feature, and the value below its threshold and from it on.
pub struct Node {
    pub threshold: f64,
    pub leaves: [f64; 2],
    /// x, y, width, height; and the weight.
    pub rectangles: Vec<([u8; 4], i8)>,
}

type Told<T> = Result<T, String>;

pub fn read(text: &str) -> Told<Cascade> {
    let document = Document::parse(text).map_err(|error| format!("this is no XML: {error}"))?;
    let root = document.root_element();
    if root.tag_name().name() != "opencv_storage" {
        return Err(format!(
            "expected <opencv_storage>, found <{}>",
            root.tag_name().name()
        ));
    }
    let cascade = child(root, "cascade").map_err(|_| {
        "there is no <cascade> in it; files of OpenCV before 2.4 have another form, which its own tools convert".to_owned()
    })?;
    let kind = text_of(child(cascade, "featureType")?);
    if kind != "HAAR" {
        return Err(format!("its features are of the kind {kind}, expected HAAR"));
    }
    let window = (
        number(child(cascade, "width")?)?,
        number(child(cascade, "height")?)?,
    );
    let features = items(child(cascade, "features")?)
        .map(|feature| rectangles(feature, window))
        .collect::<Told<Vec<_>>>()?;
    let stages = items(child(cascade, "stages")?)
        .map(|stage| read_stage(stage, &features))
        .collect::<Told<Vec<_>>>()?;
    if stages.is_empty() {
        return Err("it has no stages".to_owned());
    }
    Ok(Cascade { window, stages })
}

type Feature = Told<Vec<([u8; 4], i8)>>;

fn read_stage(stage: Element, features: &[Feature]) -> Told<Stage> {
    let nodes = items(child(stage, "weakClassifiers")?)
        .map(|weak| read_node(weak, features))
        .collect::<Told<Vec<_>>>()?;
    Ok(Stage {
        threshold: number(child(stage, "stageThreshold")?)?,
        nodes,
    })
}

fn read_node(weak: Element, features: &[Feature]) -> Told<Node> {
    let inner = numbers::<f64>(child(weak, "internalNodes")?)?;
    let leaves = numbers::<f64>(child(weak, "leafValues")?)?;
    let (&[_, _, feature, threshold], &[left, right]) = (&inner[..], &leaves[..]) else {
        return Err(format!(
            "a feature decides by a tree of {} nodes; only single nodes are understood",
            inner.len() / 4
        ));
    };
    let rectangles = features
        .get(feature as usize)
        .ok_or_else(|| format!("a node asks for feature {feature} of {}", features.len()))?
        .clone()?;
    Ok(Node {
        threshold,
        leaves: [left, right],
        rectangles,
    })
}

/// The rectangles of a feature. That one is tilted matters only if a node uses it.
fn rectangles(feature: Element, (width, height): (u8, u8)) -> Told<Feature> {
    if child(feature, "tilted").is_ok_and(|tilted| text_of(tilted) != "0") {
        return Ok(Err(
            "a feature is tilted; only upright ones are understood".to_owned()
        ));
    }
    let one = |rectangle: Element| -> Told<([u8; 4], i8)> {
        let values = numbers::<f64>(rectangle)?;
        let whole = |value: f64| value.fract() == 0.0 && (-128.0..256.0).contains(&value);
        let &[x, y, w, h, weight] = &values[..] else {
            return Err(format!("a rectangle has {} numbers, expected 5", values.len()));
        };
        if !values.iter().all(|value| whole(*value)) || weight.abs() > 127.0 {
            return Err(format!("a rectangle is {values:?}, expected small whole numbers"));
        }
        if x < 0.0 || y < 0.0 || x + w > width.into() || y + h > height.into() {
            return Err(format!(
                "the rectangle {values:?} leaves the window of {width} x {height}"
            ));
        }
        Ok(([x, y, w, h].map(|value| value as u8), weight as i8))
    };
    let rectangles = items(child(feature, "rects")?)
        .map(one)
        .collect::<Told<Vec<_>>>()?;
    if !(1..=3).contains(&rectangles.len()) {
        return Err(format!(
            "a feature has {} rectangles, expected 1 to 3",
            rectangles.len()
        ));
    }
    Ok(Ok(rectangles))
}

fn child<'a>(parent: Element<'a, 'a>, name: &str) -> Told<Element<'a, 'a>> {
    let found = parent.children().find(|child| child.has_tag_name(name));
    found.ok_or_else(|| format!("<{}> has no <{name}>", parent.tag_name().name()))
}

/// The items of a list: elements of the name `_`.
fn items<'a>(list: Element<'a, 'a>) -> impl Iterator<Item = Element<'a, 'a>> {
    list.children().filter(|child| child.has_tag_name("_"))
}

fn text_of<'a>(element: Element<'a, 'a>) -> &'a str {
    element.text().unwrap_or_default().trim()
}

fn number<T: FromStr>(element: Element) -> Told<T> {
    let text = text_of(element);
    text.parse()
        .map_err(|_| format!("<{}> is '{text}', expected a number", element.tag_name().name()))
}

fn numbers<T: FromStr>(element: Element) -> Told<Vec<T>> {
    let of = |word: &str| {
        word.parse()
            .map_err(|_| format!("'{word}' stands where a number is expected"))
    };
    text_of(element).split_whitespace().map(of).collect()
}
