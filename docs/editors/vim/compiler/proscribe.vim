" :make checks the file, and the quickfix list leads to the faults.
let current_compiler = "proscribe"
CompilerSet makeprg=proscribe\ check\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror[%.%#]:\ %m,%f:%l:%c:\ %tarning[%.%#]:\ %m,%f:%l:%c:\ %tote[%.%#]:\ %m,%-G%.%#
