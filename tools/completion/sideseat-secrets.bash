# SPDX-License-Identifier: Apache-2.0
# bash completion for sideseat-secrets(1)

# Nothing that comes from a store is ever expanded: no `compgen -W`, no `eval`, and what is offered is
# quoted the way the word has been begun: with backslashes, or between ' or ".

# The word before the cursor as it is typed, quotes and all, in `raw`, and those in front of it in
# `front`. Unlike COMP_WORDS they are not cut at the characters of COMP_WORDBREAKS.
_sideseat_secrets_word() {
    local line=${COMP_LINE:0:COMP_POINT} quote='' i c
    raw=
    front=()
    for ((i = 0; i < ${#line}; i++)); do
        c=${line:i:1}
        if [[ $quote == "'" ]]; then
            [[ $c == "'" ]] && quote=
        elif [[ $c == \\ ]]; then
            raw+=$c
            i=$((i + 1))
            c=${line:i:1}
        elif [[ $quote == '"' ]]; then
            [[ $c == '"' ]] && quote=
        elif [[ $c == ["'\""] ]]; then
            quote=$c
        elif [[ $c == [$' \t\n'] ]]; then
            [[ $raw != '' ]] && front+=("$raw")
            raw=
            continue
        elif [[ $c == [';|&<>()'] ]]; then
            raw=
            front=()
            continue
        fi
        raw+=$c
    done
}

# What the typed word `raw` means, in `typed`, and how it is quoted at its end, in `style`.
_sideseat_secrets_mean() {
    local i c
    typed='' style=''
    for ((i = 0; i < ${#raw}; i++)); do
        c=${raw:i:1}
        if [[ $style == "'" ]]; then
            [[ $c == "'" ]] && style= && continue
        elif [[ $c == \\ ]] && [[ $style == '' || ${raw:i+1:1} == [\$\`\"\\] ]]; then
            i=$((i + 1))
            c=${raw:i:1}
        elif [[ $c == '"' ]]; then
            [[ $style == '"' ]] && style= || style='"'
            continue
        elif [[ $c == "'" && $style == '' ]]; then
            style="'"
            continue
        fi
        typed+=$c
    done
}

# `$1`, quoted in `quoted` so that the shell reads it as it is in this `style`.
_sideseat_secrets_quote() {
    local text=$1 i c
    quoted=
    for ((i = 0; i < ${#text}; i++)); do
        c=${text:i:1}
        case $style:$c in
        "':'") c="'\\''" ;;
        \":!) c='"\!"' ;;
        \":[\$\`\"\\]) c="\\$c" ;;
        [\'\"]:*) ;;
        :[A-Za-z0-9_./:=@%+,-] | :[$'\x80'-$'\xff']) ;;
        *) c="\\$c" ;;
        esac
        quoted+=$c
    done
    # readline closes the quote only if the last character is no such quote
    [[ $style != '' && $quoted == *"$style" ]] && quoted+=$style
    return 0
}

# The options in front of the cursor that decide which secrets there are, in `given`.
_sideseat_secrets_options() {
    local raw typed style word take=
    given=()
    for raw in "${front[@]}"; do
        _sideseat_secrets_mean
        word=$typed
        if [[ $take != '' ]]; then
            given+=("$word")
            take=
        elif [[ $word == -[mtb] || $word == --@(module|token|secrets-backend|set) ]]; then
            given+=("$word")
            take=value
        elif [[ $word == -[mtb]?* || $word == --@(module|token|secrets-backend|set)=* ]]; then
            given+=("$word")
        fi
    done
    [[ $take == '' ]] || unset 'given[-1]'
}

# Sets `before` to the beginning of VARIABLE=KEY, if that is what is typed.
_sideseat_secrets_pair() {
    local raw typed style rest
    local -a front
    _sideseat_secrets_word
    _sideseat_secrets_mean
    rest=$typed
    if [[ $typed == --@(env|file)=* ]]; then
        rest=${typed#*=}
    elif [[ ${front[-1]} != --@(env|file) ]]; then
        return
    fi
    [[ $rest == *=* ]] && before=${typed%"$rest"}${rest%%=*}=
}

# How many words there are behind the command, without options and their values, in `places`.
_sideseat_secrets_places() {
    local raw word behind='' take=''
    local -a front
    places=0
    _sideseat_secrets_word
    for word in "${front[@]}"; do
        if [[ $take != '' ]]; then
            take=
        elif [[ $word == @(-[mtbs]|--@(module|token|secrets-backend|set|scope|env|file|env-file|interval|signal)) ]]; then
            take=value
        elif [[ $behind != '' && $word != -* ]]; then
            places=$((places + 1))
        elif [[ $word == "$command" ]]; then
            behind=yes
        fi
    done
}

# Offers what `list` prints, with the option $2, each behind `before`.
_sideseat_secrets_keys() {
    local LC_ALL=C raw typed style quoted key part=$1
    local -a front given
    _sideseat_secrets_word
    _sideseat_secrets_options
    _sideseat_secrets_mean
    # what readline replaces is the word from the last of COMP_WORDBREAKS on, or from its quote
    [[ $part == [:=] ]] && part=
    local kept=${raw%"$part"}
    kept=${kept%@} # which readline replaces, too
    # a store that does not answer must not hold the shell
    while IFS= read -r key; do
        key=$before$key
        [[ $key == "$typed"* ]] || continue
        _sideseat_secrets_quote "$key"
        # a word begun in another way than we quote is replaced from where it may be
        if [[ $style == '' && $kept != '' ]]; then
            [[ $quoted == "$kept"* ]] || continue
            quoted=${quoted#"$kept"}
        fi
        COMPREPLY+=("$quoted")
    done < <(timeout 2 sideseat-secrets "${given[@]}" list "${@:2}" 2>/dev/null </dev/null)
}

_sideseat_secrets() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word command='' before='' places=0
    local common='--module= --token= --secrets-backend= --set= --login --pin --json --help --usage
        --version'
    local commands='list get set uri search rename edit login logout run copy import export delete history rollback undelete restore status config watch doctor check ensure generate sign verify jwt keygen pubkey jwks csr cert accept-loss help ls rm'

    # bash cuts an option from its value at the sign
    [[ $current == = ]] && current=
    [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ " $commands " == *" $word "* ]]; then
            command=$word
            break
        fi
    done
    [[ $command == @(run|watch|copy|rollback|rename) ]] && _sideseat_secrets_places
    # behind its own words the program of `run` and `watch` has options that are not ours
    if [[ $command == run && $places -gt 0 || $command == watch && $places -gt 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames
        return
    fi
    [[ $command == run ]] && _sideseat_secrets_pair
    if [[ $before != '' ]]; then
        _sideseat_secrets_keys "$current"
        return
    fi
    case $previous in
    -t | --token)
        _sideseat_secrets_keys "$current" --tokens
        return
        ;;
    -m | --module | --file | --env-file | --manifest | --signature-file)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames # which has readline quote them
        return
        ;;
    -b | --secrets-backend)
        mapfile -t COMPREPLY < <(compgen -W 'file env keyutils secret-service aws vault data-protection-keychain keychain credential-manager' -- "$current")
        return
        ;;
    -s | --scope)
        mapfile -t COMPREPLY < <(compgen -W 'global org/ project/ user/' -- "$current")
        return
        ;;
    --format)
        local formats='env json'
        [[ $command == export ]] && formats='env json sideseat shell'
        [[ $command == pubkey ]] && formats='pem ssh jwk'
        mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$current")
        return
        ;;
    --signal)
        mapfile -t COMPREPLY < <(compgen -W 'HUP INT TERM QUIT USR1 USR2' -- "$current")
        return
        ;;
    --type)
        mapfile -t COMPREPLY < <(compgen -W 'rsa:2048 rsa:3072 rsa:4096 ec:P-256 ec:P-384 ec:P-521 ed25519 ed448 x25519' -- "$current")
        return
        ;;
    --alphabet)
        mapfile -t COMPREPLY < <(compgen -W 'hex base64 base64url alnum words' -- "$current")
        return
        ;;
    --encoding)
        mapfile -t COMPREPLY < <(compgen -W 'hex base64url raw der' -- "$current")
        return
        ;;
    -a | --algorithm)
        local algorithms='sha256 sha384 sha512 RSA ECDSA' pairs='RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'
        [[ $command == jwt ]] && algorithms='HS256 HS384 HS512'
        mapfile -t COMPREPLY < <(compgen -W "$algorithms $pairs" -- "$current")
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        local own=
        case $command in
        list | ls | search) own='--scope= --details --tokens' ;;
        get) own='--scope= --raw --version=' ;;
        delete | rm) own='--keep --destroy --yes' ;;
        undelete | restore) own='--version=' ;;
        set) own='--create --if-version= --strip-newline --file=' ;;
        run) own='--env= --file= --env-file= --scope= --all --clean' ;;
        sign) own='--algorithm= --encoding=' ;;
        watch) own='--interval= --signal=' ;;
        doctor) own='--write' ;;
        ensure) own='--manifest=' ;;
        copy) own='--move --if-absent --overwrite --dry-run' ;;
        import) own='--format= --scope= --if-absent --overwrite --dry-run' ;;
        export) own='--format= --scope= --force' ;;
        verify) own='--algorithm= --encoding= --signature= --signature-file=' ;;
        generate) own='--alphabet= --length=' ;;
        keygen) own='--type=' ;;
        pubkey) own='--format=' ;;
        csr) own='--subject= --san=' ;;
        cert) own='--overwrite' ;;
        jwt) own='--algorithm= --exp= --iat --kid= --header=' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$common $own" -- "$current")
        [[ ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace
        return
    fi
    case $command in
    config)
        if [[ $previous == validate ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames
        elif [[ $previous == config ]]; then
            mapfile -t COMPREPLY < <(compgen -W 'show set validate' -- "$current")
        fi
        ;;
    help)
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
        ;;
    rollback | rename)
        ((places == 0)) && _sideseat_secrets_keys "$current"
        ;;
    import | check)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames
        ;;
    copy)
        if ((places < 2)); then
            _sideseat_secrets_keys "$current" --tokens
        else
            _sideseat_secrets_keys "$current"
        fi
        ;;
    '') mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current") ;;
    cert)
        if [[ $previous == cert ]]; then
            mapfile -t COMPREPLY < <(compgen -W 'import' -- "$current")
        elif [[ $previous == import ]]; then
            _sideseat_secrets_keys "$current"
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames
        fi
        ;;
    run | watch)
        if [[ $command == watch && $places -eq 0 ]]; then
            _sideseat_secrets_keys "$current"
        else
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
            compopt -o filenames
        fi
        ;;
    get | set | uri | edit | delete | rm | history | undelete | restore | sign | verify | jwt | pubkey | jwks | csr)
        _sideseat_secrets_keys "$current"
        ;;
    esac
}

complete -F _sideseat_secrets sideseat-secrets
