/* The boot lab's clock probe: what the guest's clock says, written to a serial port.
 *
 *   labprobe loop PORT          one "P" line every 100 ms, for ever
 *   labprobe stay PORT LABEL    one "E" line with LABEL, then sleep for ever (a stand-in daemon)
 *   labprobe once PORT LABEL    one "E" line with LABEL
 *
 * A line: TAG MONOTONIC_S REAL_S ADJTIMEX_STATUS ADJTIMEX_STATE ROUTES [LABEL]
 * ROUTES is the number of IPv4 routes, so that the host sees when packets could first leave.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_NS = 100000000 };

/* Lines of /proc/net/route without its heading; the file is kept open because opening is what costs. */
static int count_routes(int routes_fd)
{
    char text[4096];
    ssize_t size = pread(routes_fd, text, sizeof text, 0);
    int lines = 0;
    for (ssize_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines > 0 ? lines - 1 : 0;
}

static void write_line(int port_fd, int routes_fd, char tag, const char *label)
{
    struct timespec monotonic, real;
    struct timex kernel;
    char line[256];
    memset(&kernel, 0, sizeof kernel); /* modes = 0: read only, the probe never sets anything */
    int state = adjtimex(&kernel);
    int routes = count_routes(routes_fd);
    /* Both clocks last and together, so that the pair is as close in time as it can be. */
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &real);
    int size = snprintf(line, sizeof line, "%c %ld.%06ld %ld.%06ld %d %d %d %s\n", tag,
                        (long)monotonic.tv_sec, monotonic.tv_nsec / 1000,
                        (long)real.tv_sec, real.tv_nsec / 1000,
                        kernel.status, state, routes, label);
    if (write(port_fd, line, size) != size)
        _exit(1);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int port_fd = open(argv[2], O_WRONLY | O_NOCTTY);
    int routes_fd = open("/proc/net/route", O_RDONLY);
    if (port_fd < 0 || routes_fd < 0)
        return 1;
    if (strcmp(argv[1], "loop") == 0)
        for (const struct timespec period = {0, PERIOD_NS};; nanosleep(&period, NULL))
            write_line(port_fd, routes_fd, 'P', "");
    write_line(port_fd, routes_fd, 'E', argc > 3 ? argv[3] : "");
    if (strcmp(argv[1], "stay") == 0)
        for (;;)
            pause();
    return 0;
}
