/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/variable.h"

#include <string.h>
#include <strings.h>

static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

/* Copies the text with each letter of `from` as its counterpart of `to`. */
static bool copy_case(const char *text, const char *from, const char *to, char *out, size_t size)
{
    size_t len = strlen(text);

    if (len >= size)
        return false;
    for (size_t i = 0; i <= len; i++) {
        const char *letter = text[i] == '\0' ? NULL : strchr(from, text[i]);
        out[i] = letter == NULL ? text[i] : to[letter - from];
    }
    return true;
}

bool variable_of_name(const char *name, char *out, size_t size)
{
    bool keeps = name[strcspn(name, upper)] != '\0';

    if (!copy_case(name, lower, keeps ? lower : upper, out, size))
        return false;
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '-' || *c == '/' || *c == '.')
            *c = '_';
        if (*c != '_' && strchr(upper, *c) == NULL && strchr(lower, *c) == NULL &&
            (strchr(digits, *c) == NULL || c == out))
            return false;
    }
    return out[0] != '\0';
}

bool variable_to_name(const char *variable, char *out, size_t size)
{
    bool keeps = variable[strcspn(variable, lower)] != '\0';

    return copy_case(variable, upper, keeps ? upper : lower, out, size);
}

/* The programs that obey variables which choose the code to run or the peers to trust; the names of
 * the variables, where '*' is any end; and whether some names end as the names of secrets do. */
static const struct {
    const char *who;
    const char *names;
    bool some_secret;
} obeyed[] = {
    {"the dynamic loader or the C library",
     "LD_* DYLD_* GLIBC_* MALLOC_* GCONV_PATH LOCPATH NLSPATH", false},
    {"a shell", "BASH_* BASHOPTS SHELLOPTS ENV IFS PS4 PROMPT_COMMAND ZDOTDIR FPATH SHELL", false},
    {"every program that starts others",
     "PATH HOME XDG_* EDITOR VISUAL PAGER MANPAGER BROWSER DBUS_* SSH_ASKPASS SUDO_ASKPASS "
     "SYSTEMD_PAGER SYSTEMD_EDITOR",
     false},
    {"Windows", "COMSPEC PATHEXT PSMODULEPATH SYSTEMROOT WINDIR", false},
    {"sideseat-pkcs11", "SIDESEAT_*", true},
    {"a program that loads PKCS#11 modules", "PKCS11_* P11_KIT_*", true},
    {"OpenSSL", "OPENSSL_*", true},
    {"OpenSSL", "SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE", false},
    {"git", "GIT_*", true},
    {"less", "LESS LESSOPEN LESSCLOSE LESSEDIT LESSKEY*", false},
    {"Python", "PYTHON*", true},
    {"Perl", "PERL5* PERLLIB PERL_*", true},
    {"Ruby",
     "RUBY* GEM_PATH GEM_HOME GEMRC BUNDLE_GEMFILE BUNDLE_PATH BUNDLE_BIN BUNDLE_APP_CONFIG", true},
    {"Node.js",
     "NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED "
     "NODE_REPL_EXTERNAL_MODULE NODE_V8_COVERAGE NODE_COMPILE_CACHE NPM_CONFIG_* YARN_*",
     true},
    {".NET", "DOTNET_* CORECLR_* COMPLUS_* COR_PROFILER* COR_ENABLE_PROFILING", true},
    {"Go",
     "GOFLAGS GOROOT GOPATH GOBIN GOENV GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOINSECURE GOPRIVATE "
     "GOAUTH GOVCS GOWORK GOTOOLDIR GOTOOLCHAIN GOCACHEPROG GOMODCACHE GOCACHE GODEBUG",
     false},
    {"Rust", "CARGO_* RUSTC RUSTC_* RUSTDOC* RUSTFLAGS RUSTUP_* RUST_*", true},
    {"Java",
     "JAVA_* JDK_* _JAVA_OPTIONS JRE_HOME CLASSPATH CATALINA_OPTS MAVEN_OPTS MAVEN_ARGS "
     "GRADLE_OPTS",
     true},
    {"another interpreter",
     "PHPRC PHP_INI_SCAN_DIR LUA_* R_PROFILE* R_ENVIRON* R_LIBS* ERL_* GUILE_* VIMINIT EXINIT "
     "EMACSLOADPATH",
     false},
    {"make or a compiler", "MAKEFLAGS GNUMAKEFLAGS MFLAGS MAKEFILES CC CXX", false},
    {"a desktop library", "GTK* GIO_* GDK_PIXBUF_* GST_* GI_TYPELIB_PATH QT_* QML_* QML2_*", true},
    {"a library with plug-ins",
     "KRB5_CONFIG SASL_PATH SASL_CONF_PATH ODBCINI ODBCSYSINI ODBCINSTINI GNUPGHOME "
     "AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE",
     false},
};

static bool ends_as_secret(const char *variable)
{
    static const char *const ends[] = {"_TOKEN",  "_KEY",  "_SECRET",     "_PASSWORD", "_PASS",
                                       "_PASSWD", "_PIN",  "_PASSPHRASE", "_USER",     "_USERNAME",
                                       "_DSN",    "_AUTH", "_CREDENTIALS"};
    size_t len = strlen(variable);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);
        if (len > end && strcasecmp(variable + len - end, ends[i]) == 0)
            return true;
    }
    return false;
}

/* True if one of the names, with a space between them, is that of the variable, in any case: npm
 * and Windows do not tell cases apart. */
static bool has_name(const char *names, const char *variable)
{
    size_t len;

    for (; names[0] != '\0'; names += len + strspn(names + len, " ")) {
        len = strcspn(names, " ");
        if (names[len - 1] == '*' && strncasecmp(names, variable, len - 1) == 0)
            return true;
        if (strncasecmp(names, variable, len) == 0 && variable[len] == '\0')
            return true;
    }
    return false;
}

const char *variable_obeyed_by(const char *variable)
{
    for (size_t i = 0; i < sizeof obeyed / sizeof obeyed[0]; i++)
        if (has_name(obeyed[i].names, variable) &&
            !(obeyed[i].some_secret && ends_as_secret(variable)))
            return obeyed[i].who;
    return NULL;
}
