//! `docs/Dockerfile`, for those who have only a container engine: made from the table of set-up and from README's words.

use crate::parts::Context;
use crate::parts::bare::words::Words;
use crate::setup::core::TARGET;
use crate::setup::steps::STEPS;
use anyhow::{Result, bail};
use std::fs;

pub fn run(context: &Context) -> Result<()> {
    let path = context.project.root.join("docs/Dockerfile");
    let text = text(&Words::read(context.project)?);
    if context.overwrite {
        return Ok(fs::write(&path, text)?);
    }
    if fs::read_to_string(&path).unwrap_or_default() != text {
        bail!("docs/Dockerfile is not what set-up does; `cargo xtask test tidy --overwrite` makes it anew");
    }
    Ok(())
}

fn text(words: &Words) -> String {
    let of_set_up = STEPS
        .iter()
        .filter(|step| step.is_package())
        .map(|step| step.debian);
    let mut packages: Vec<&str> = words
        .packages
        .iter()
        .map(String::as_str)
        .chain(["rustup"])
        .collect();
    for package in of_set_up {
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    format!(
        "# Made by `cargo xtask test tidy --overwrite` from what set-up does. To use it:\n\
         #   docker build -f docs/Dockerfile -t spiram . && docker run --rm -it spiram\n\
         FROM debian:trixie\n\
         RUN apt-get update && apt-get install -y --no-install-recommends {}\n\
         RUN rustup set profile minimal && rustup default stable && rustup target add {TARGET}\n\
         COPY . /spiram\n\
         WORKDIR /spiram\n\
         RUN cargo xtask setup\n\
         CMD [\"cargo\", \"{}\"]\n",
        packages.join(" "),
        words.run.join("\", \"")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn all_packages_of_set_up_are_in_it_and_it_is_short() {
        let text = text(&Words::read(&Project::find().unwrap()).unwrap());
        for step in STEPS.iter().filter(|step| step.is_package()) {
            assert!(text.contains(step.debian), "{}", step.debian);
        }
        assert!(
            text.lines().count() <= 10 && text.ends_with("[\"cargo\", \"xtask\", \"run\"]\n"),
            "{text}"
        );
    }
}
