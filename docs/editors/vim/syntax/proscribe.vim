if exists("b:current_syntax")
  finish
endif

syntax keyword proscribeStatement policy use group forbid allow expect
syntax keyword proscribeDeclare concept relation inverse symmetric
syntax keyword proscribeClause edition as except instead because severity require by
syntax keyword proscribeConstant low medium high critical forbidden allowed unspecified
syntax match proscribeArrow /-\s*\%(\k\+\|\*\)\s*->/ contains=proscribeRelation
syntax match proscribeRelation /\k\+\|\*/ contained
syntax match proscribeNumber /\<\d\+\%(\.\d\+\)\?\s*%\?/
syntax region proscribeString start=/"/ end=/"/ oneline
syntax match proscribeComment /#.*$/ contains=@Spell
syntax match proscribeDoc /##\%(#\)\@!.*$/ contains=@Spell

highlight default link proscribeStatement Statement
highlight default link proscribeDeclare Type
highlight default link proscribeClause Keyword
highlight default link proscribeConstant Constant
highlight default link proscribeArrow Operator
highlight default link proscribeRelation Function
highlight default link proscribeNumber Number
highlight default link proscribeString String
highlight default link proscribeComment Comment
highlight default link proscribeDoc SpecialComment

let b:current_syntax = "proscribe"
