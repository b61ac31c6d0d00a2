# SPDX-License-Identifier: Apache-2.0
# bash completion for sideseat-secrets(1)

_sideseat_secrets_keys() {
    # a store that does not answer must not hold the shell
    timeout 2 sideseat-secrets list 2>/dev/null </dev/null
}

_sideseat_secrets() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word command=
    local common='--module= --token= --secrets-backend= --set= --login --pin --json --help --usage
        --version'
    local commands='list get set delete status ensure generate sign jwt accept-loss'

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
    case $previous in
    -m | --module)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    -b | --secrets-backend)
        mapfile -t COMPREPLY < <(compgen -W 'file env keyutils secret-service vault aws' -- "$current")
        return
        ;;
    -s | --scope)
        mapfile -t COMPREPLY < <(compgen -W 'global org/ project/ user/' -- "$current")
        return
        ;;
    --encoding)
        mapfile -t COMPREPLY < <(compgen -W 'hex base64url' -- "$current")
        return
        ;;
    -a | --algorithm)
        local algorithms='sha256 sha384 sha512'
        [[ $command == jwt ]] && algorithms='HS256 HS384 HS512'
        mapfile -t COMPREPLY < <(compgen -W "$algorithms" -- "$current")
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        local own=
        case $command in
        list) own='--scope= --details' ;;
        get) own='--scope=' ;;
        set) own='--create --if-version= --strip-newline' ;;
        sign) own='--algorithm= --encoding=' ;;
        jwt) own='--algorithm=' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$common $own" -- "$current")
        [[ ${COMPREPLY[0]:-} == *= ]] && compopt -o nospace
        return
    fi
    case $command in
    '') mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current") ;;
    get | set | delete | sign | jwt)
        mapfile -t COMPREPLY < <(compgen -W "$(_sideseat_secrets_keys)" -- "$current")
        ;;
    esac
}

complete -F _sideseat_secrets sideseat-secrets
