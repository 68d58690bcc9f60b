autocmd BufRead,BufNewFile *.policy setfiletype proscribe
