#define _DEFAULT_SOURCE /* struct winsize */
#ifdef __APPLE__
#define _DARWIN_C_SOURCE
#endif

#include "terminal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

bool hg_terminal_is(int descriptor) {
  return isatty(descriptor) == 1;
}

int hg_terminal_columns(int descriptor) {
  struct winsize size = {0};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool write_text(int descriptor, const char *text) {
  size_t length = strlen(text);
  return write(descriptor, text, length) == (ssize_t)length;
}

/* A terminal hands out whole lines; one that is longer than `size` is cut. */
static long read_line(int descriptor, char *answer, size_t size) {
  ssize_t length = read(descriptor, answer, size);
  if (length <= 0) {
    return -1;
  }
  return answer[length - 1] == '\n' ? length - 1 : length;
}

long hg_terminal_ask_secret(const char *question, char *answer, size_t size) {
  struct termios shown;
  long length = -1;
  int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal >= 0 && tcgetattr(terminal, &shown) == 0 && write_text(terminal, question)) {
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(terminal, TCSAFLUSH, &hidden) == 0) {
      length = read_line(terminal, answer, size);
      (void)tcsetattr(terminal, TCSAFLUSH, &shown);
    }
    (void)write_text(terminal, "\n");
  }
  if (terminal >= 0) {
    (void)close(terminal);
  }
  return length;
}
