# SPDX-License-Identifier: Apache-2.0
# fish completion for sideseat-secrets(1)

# What `list` prints, with the options that are given so far. fish quotes it by itself.
function __sideseat_secrets_listed
    set -l given
    set -l take
    for word in (commandline -opc)[2..]
        if test -n "$take"
            set -a given $word
            set take
        else if string match -qr -- '^(-[mtb]|--(module|token|secrets-backend|set))$' $word
            set -a given $word
            set take value
        else if string match -qr -- '^(-[mtb].|--(module|token|secrets-backend|set)=)' $word
            set -a given $word
        end
    end
    test -z "$take"; or set -e given[-1]
    # a store that does not answer must not hold the shell
    timeout 2 sideseat-secrets $given list $argv 2>/dev/null </dev/null
end

# The command that has been typed, if any: the first word that is one.
function __sideseat_secrets_command
    set -l known (__sideseat_secrets_commands | string split -f 1 \t)
    for word in (commandline -opc)[2..]
        if contains -- $word $known
            echo $word
            return
        end
    end
end

# Completes the program of `run` and `watch` as if its words stood alone; it begins behind $argv words.
# Fails if the cursor is not in it.
function __sideseat_secrets_program
    set -l behind
    set -l take
    set -l words
    for word in (commandline -opc)[2..]
        if test (count $words) -gt $argv
            set -a words $word
        else if test -n "$take"
            set take
        else if string match -qr -- '^(-[mtbs]|--(module|token|secrets-backend|set|scope|env|file|env-file|interval|signal))$' $word
            set take value
        else if string match -q -- '-*' $word
            continue
        else if test -n "$behind"
            set -a words $word
        else if test "$word" = (__sideseat_secrets_command)
            set behind yes
        end
    end
    test -z "$take" -a (count $words) -ge $argv; or return
    test (count $words) -gt $argv; or not string match -q -- '-*' (commandline -ct); or return
    complete -C (string join ' ' -- (string escape -- $words[(math $argv + 1)..]) (commandline -ct))
    return 0
end

# Commands and options are those of the program's own text, so that they are always its own.
function __sideseat_secrets_commands
    sideseat-secrets --help 2>/dev/null </dev/null | string replace -rf '^  ([a-z-]+) .*  +([A-Z].*)$' '$1\t$2'
    printf '%s\n' 'ls\tThe same as list' 'rm\tThe same as delete'
end

function __sideseat_secrets_options
    sideseat-secrets help (__sideseat_secrets_command) 2>/dev/null </dev/null \
        | string replace -rf '^ +(?:-., )*(--[a-z-]+)(?:=\S+)? +(\S.*)$' '$1\t$2'
end

# What may follow on the word before: the value of an option, a key, a command or an option.
function __sideseat_secrets_words
    set -l command (__sideseat_secrets_command)
    switch "$command"
        case run
            __sideseat_secrets_program 0; and return
        case watch
            __sideseat_secrets_program 1; and return
    end
    set -l pair (string match -r -- '^(?:--(?:env|file)=)?[^=]+=' (commandline -ct))
    if test "$command" = run -a -n "$pair"
        string match -qr -- '^--(env|file)' (commandline -opc)[-1] $pair
        and begin
            set -l keys (__sideseat_secrets_listed)
            printf '%s\n' $pair$keys
        end
        return
    end
    switch (commandline -ct)
        case '-*'
            __sideseat_secrets_options
            return
    end
    switch (commandline -opc)[-1]
        case -t --token
            __sideseat_secrets_listed --tokens
        case -b --secrets-backend
            printf '%s\n' file env keyutils secret-service aws vault data-protection-keychain keychain credential-manager
        case -s --scope
            printf '%s\n' global org/ project/ user/
        case --format
            switch "$command"
                case import
                    printf '%s\n' env json
                case export
                    printf '%s\n' env json sideseat shell
                case pubkey
                    printf '%s\n' pem ssh jwk
            end
        case --alphabet
            printf '%s\n' hex base64 base64url alnum words
        case --encoding
            printf '%s\n' hex base64url raw der
        case -a --algorithm
            test "$command" = jwt; and printf '%s\n' HS256 HS384 HS512; or printf '%s\n' sha256 sha384 sha512 RSA ECDSA
            printf '%s\n' RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA
        case --type
            printf '%s\n' rsa:2048 rsa:3072 rsa:4096 ec:P-256 ec:P-384 ec:P-521 ed25519 ed448 x25519
        case --signal
            printf '%s\n' HUP INT TERM QUIT USR1 USR2
        case -m --module --file --env-file --manifest --signature-file
            __fish_complete_path (commandline -ct)
        case '*'
            switch "$command"
                case ''
                    __sideseat_secrets_commands
                case get set uri edit watch delete rm history undelete restore sign verify jwt pubkey jwks csr
                    __sideseat_secrets_listed
                case rename rollback
                    test (commandline -opc)[-1] = "$command"; and __sideseat_secrets_listed
                case import check
                    __fish_complete_path (commandline -ct)
                case config
                    switch (commandline -opc)[-1]
                        case config
                            printf '%s\n' show set validate
                        case validate
                            __fish_complete_path (commandline -ct)
                    end
                case copy
                    set -l before (commandline -opc | string match -rv -- '^-')
                    test (count $before) -lt 4; and __sideseat_secrets_listed --tokens; or __sideseat_secrets_listed
                case cert
                    switch (commandline -opc)[-1]
                        case cert
                            echo import
                        case import
                            __sideseat_secrets_listed
                        case '*'
                            __fish_complete_path (commandline -ct)
                    end
                case help
                    __sideseat_secrets_commands
            end
    end
end

complete -c sideseat-secrets -f -a '(__sideseat_secrets_words)'
