setlocal commentstring=#\ %s comments=:##,:# expandtab shiftwidth=4 softtabstop=4
compiler proscribe
