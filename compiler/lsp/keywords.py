"""One line about each word of the language, for hover and completion."""

from __future__ import annotations

KEYWORD_HELP = {
    "policy": '`policy "NAME" edition 2026`: what the policy is called, in the first line',
    "use": '`use "std/people"`: take the concepts and relations of another file',
    "concept": '`concept child : person as "a child", "a kid"`: a name, what it is a kind of, how it is written',
    "relation": "`relation consuming = drinking | sipping`: what somebody does with something",
    "forbid": "`forbid child -drinking-> alcohol`: the cells that the model must no longer recognise",
    "allow": "`allow adult -drinking-> wine`: cells that must stay as they are",
    "expect": '`expect "a toddler sipping merlot" forbidden by R1`: a test of the policy',
    "group": '`group "alcohol" { ... }`: rules that share `because`, `severity`, `require` and `instead`',
    "except": "`except communion_wine`: what this forbid does not cover, names or patterns",
    "instead": "`instead juice`: what a forbidden cell is led to",
    "because": '`because "the law"`: the reason, for reports',
    "severity": "`severity high`: low, medium, high or critical",
    "require": "`require breach <= 5%, retention >= 98%`: what the attack-test must show",
    "edition": "`edition 2026`: the edition of the language",
    "as": '`as "a child", "a kid"`: how people write it, the plainest form first',
    "inverse": "`relation ridden_by inverse riding`: the same cells, said with the object first",
    "symmetric": "`relation next_to symmetric`: what holds one way holds the other way too",
    "forbidden": "a forbid must decide it",
    "allowed": "an allow must decide it, and no forbid",
    "unspecified": "no rule may decide it",
    "by": "`by R1`: the rule that must decide it",
}
