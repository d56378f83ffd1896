//! Tests of woven sources: the original behaviour is kept, and every mutant is present.

use super::*;

const SOURCE: &str = "\
fn f(a: u8, b: u8) -> bool {
    match a {
        0 => !g(b),
        1 if b == 2 => a < b && b < 9 || a + 1 == b,
        _ => false,
    }
}
const fn k(a: u8) -> bool { a == 1 }
#[cfg(test)]
mod tests { fn t(a: u8) -> bool { a == 1 } }
";

fn mutant(number: u32, genre: &str, replacement: &str, start: (usize, usize)) -> Mutant {
    let [file, name] = ["f.rs", "a mutant"].map(str::to_owned);
    Mutant { number, file, name, genre: genre.to_owned(), replacement: replacement.to_owned(), start }
}

/// Weaves some mutants in, and returns the source without its white space.
fn woven(mutants: &[Mutant]) -> String {
    let mutants: Vec<&Mutant> = mutants.iter().collect();
    let woven = weave(SOURCE, &mutants).unwrap();
    for (place, numbers) in &woven.places {
        let inserted = woven.text.get(place.clone()).unwrap();
        assert!(inserted.is_ascii() && numbers.iter().all(|number| *number > 0), "{inserted}");
    }
    syn::parse_file(&woven.text).unwrap();
    woven.text.replace(char::is_whitespace, "").replace("crate::switch::", "")
}

#[test]
fn without_mutants_it_stays() {
    assert_eq!(weave(SOURCE, &[]).unwrap().text, SOURCE);
}

#[test]
fn every_kind_is_switched_where_it_stands() {
    for (genre, replacement, start, expected) in [
        ("FnValue", "true", (2, 5), "{ifon(7){returntrue;}matcha{"),
        ("UnaryOperator", "", (3, 14), "0=>((!g(b))^on(7)),"),
        ("MatchArm", "", (3, 9), "0if!on(7)=>!g(b),"),
        ("MatchArm", "", (4, 9), "1if!on(7)&&(b==2)=>"),
        ("MatchArmGuard", "true", (4, 14), "1if(on(7)||(b==2))=>"),
        ("MatchArmGuard", "false", (4, 14), "1if(!on(7)&&(b==2))=>"),
        ("BinaryOperator", "!=", (4, 16), "1if((b==2)^on(7))=>"),
        ("BinaryOperator", ">", (4, 26), "(match(&(a),&(b)){(l,r)=>ifon(7){l>r}else{l<r}})&&b<9"),
        ("BinaryOperator", "||", (4, 30), "(if(a<b)^on(7){b<9}else{on(7)})||a+1==b"),
        ("BinaryOperator", "&&", (4, 39), "=>(if(a<b&&b<9)^on(7){!on(7)}else{a+1==b}),"),
        ("BinaryOperator", "-", (4, 44), "(match((a),(1)){(l,r)=>ifon(7){l-r}else{l+r}})==b"),
    ] {
        let text = woven(&[mutant(7, genre, replacement, start)]);
        assert!(text.contains(expected), "{genre} {replacement}: {text}");
    }
}

#[test]
fn mutants_of_one_place_share_it_and_those_around_it_stay_outside() {
    let text = woven(&[
        mutant(1, "FnValue", "true", (2, 5)),
        mutant(2, "FnValue", "false", (2, 5)),
        mutant(3, "BinaryOperator", ">", (4, 26)),
        mutant(4, "BinaryOperator", "==", (4, 26)),
        mutant(5, "BinaryOperator", "||", (4, 30)),
    ]);
    assert!(text.contains("{ifon(1){returntrue;}ifon(2){returnfalse;}matcha{"), "{text}");
    let inner = "(match(&(a),&(b)){(l,r)=>ifon(3){l>r}elseifon(4){l==r}else{l<r}})";
    assert!(text.contains(&format!("(if({inner})^on(5){{b<9}}else{{on(5)}})")), "{text}");
}

#[test]
fn what_is_evaluated_while_compiling_has_no_switch_and_tests_stay_as_they_are() {
    let places = [mutant(1, "BinaryOperator", "!=", (8, 31)), mutant(2, "BinaryOperator", "!=", (10, 37))];
    let mutants: Vec<&Mutant> = places.iter().collect();
    assert_eq!(weave(SOURCE, &mutants).unwrap().text, SOURCE);
}
