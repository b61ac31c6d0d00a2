/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/terminal.h"

#include <errno.h>
#include <unistd.h>

#include "platform/windows/api.h"

#define ROOM 256

/* The longest line, with its end, that a console before Windows 11 takes: it drops the rest. */
#define LINE_ROOM 8192

/* How long the thread that a key starts may take to end this process. */
#define END_MS 10000

/* Windows' own says yes for every device, NUL among them. */
int windows_isatty(int fd)
{
    HANDLE handle = windows_handle(fd);
    DWORD mode;

    return handle != NULL && GetConsoleMode(handle, &mode);
}

/* The console, and its mode before the question, for the key that ends the program. */
static HANDLE input;
static DWORD shown;

static BOOL WINAPI show_again(DWORD key)
{
    (void)key;
    (void)SetConsoleMode(input, shown);
    return FALSE; /* the usual end */
}

static HANDLE open_console(const wchar_t *name)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, 0, NULL);
}

static void ask(HANDLE output, const char *text)
{
    wchar_t wide[ROOM];
    int len = MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, ROOM);
    DWORD done;

    if (len > 1)
        (void)WriteConsoleW(output, wide, (DWORD)(len - 1), &done, NULL);
}

/* The line as UTF-16, without its end. */
static enum platform_answer read_line(size_t most, struct store_secret *line)
{
    enum platform_answer answer = PLATFORM_ANSWERED;
    wchar_t part[LINE_ROOM];
    bool ended = false;

    while (answer == PLATFORM_ANSWERED && !ended && line->len < most) {
        DWORD count = 0;

        SetLastError(ERROR_SUCCESS);
        if (!ReadConsoleW(input, part, LINE_ROOM, &count, NULL) || count == 0 || part[0] == 0x1a) {
            answer = line->len == 0 ? PLATFORM_NOTHING : PLATFORM_ANSWERED;
            if (count == 0 && GetLastError() == ERROR_OPERATION_ABORTED)
                answer = PLATFORM_INTERRUPTED;
            break;
        }
        if (line->len == 0 && count == LINE_ROOM && part[count - 1] == L'\n') {
            errno = EMSGSIZE;
            answer = PLATFORM_UNREADABLE;
            break;
        }
        while (count > 0 && (part[count - 1] == L'\n' || part[count - 1] == L'\r')) {
            ended = true;
            count--;
        }
        if (count > 0 && store_secret_append(line, part, count * sizeof *part) != STORE_OK)
            answer = PLATFORM_NO_MEMORY;
    }
    if (answer == PLATFORM_ANSWERED && line->len >= most) {
        errno = EMSGSIZE;
        answer = PLATFORM_UNREADABLE;
    }
    store_wipe(part, sizeof part);
    if (answer == PLATFORM_INTERRUPTED) { /* by a key, which ends this process in another thread */
        store_secret_wipe(line);
        Sleep(END_MS);
    }
    return answer;
}

static enum platform_answer to_utf8(const struct store_secret *line, struct store_secret *out)
{
    const wchar_t *wide = (const wchar_t *)(const void *)line->data;
    const int count = (int)(line->len / sizeof *wide);
    unsigned char *bytes = NULL;
    int len;

    if (count == 0)
        return PLATFORM_ANSWERED;
    len = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, count, NULL, 0, NULL, NULL);
    if (len <= 0) {
        errno = EILSEQ;
        return PLATFORM_UNREADABLE;
    }
    if (store_secret_resize(out, (size_t)len, &bytes) != STORE_OK)
        return PLATFORM_NO_MEMORY;
    (void)WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, count, (char *)bytes, len, NULL,
                              NULL);
    return PLATFORM_ANSWERED;
}

static enum platform_answer read_hidden(HANDLE output, const char *question, size_t most,
                                        struct store_secret *out)
{
    AUTO_SECRET line = {0};
    enum platform_answer answer;

    if (!GetConsoleMode(input, &shown)) {
        (void)windows_failed();
        return PLATFORM_UNREADABLE;
    }
    (void)SetConsoleCtrlHandler(show_again, TRUE);
    (void)SetConsoleMode(input, (shown & ~(DWORD)ENABLE_ECHO_INPUT) | ENABLE_LINE_INPUT |
                                    ENABLE_PROCESSED_INPUT);
    (void)FlushConsoleInputBuffer(input);
    ask(output, question);
    answer = read_line(most, &line);
    (void)SetConsoleMode(input, shown);
    (void)SetConsoleCtrlHandler(show_again, FALSE);
    ask(output, "\r\n");
    return answer == PLATFORM_ANSWERED ? to_utf8(&line, out) : answer;
}

enum platform_answer platform_ask_hidden(const char *question, size_t most,
                                         struct store_secret *out)
{
    HANDLE output = open_console(L"CONOUT$");
    enum platform_answer answer = PLATFORM_NO_TERMINAL;

    input = open_console(L"CONIN$");
    if (input != INVALID_HANDLE_VALUE && output != INVALID_HANDLE_VALUE)
        answer = read_hidden(output, question, most, out);
    if (input != INVALID_HANDLE_VALUE)
        CloseHandle(input);
    if (output != INVALID_HANDLE_VALUE)
        CloseHandle(output);
    return answer;
}
