/*
 * QEMU's user network: libslirp with the addresses that QEMU gives it. Argument: the port on 127.0.0.1 of a name server, which stands for
 * the host's own, so that the test knows what it says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libslirp.h>

#include "frames.h"

#define MAX_FDS 256
#define MAX_TIMERS 16
#define DNS_PORT 53

struct timer {
    SlirpTimerCb callback;
    void *opaque;
    int64_t expires_ms; /* -1: not running */
};

static struct pollfd fds[MAX_FDS];
static int fd_count;
static struct timer timers[MAX_TIMERS];
static int timer_count;
static in_port_t name_server_port;

/* libslirp finds these two before libc's: what it sends to the host's name server goes to ours, and comes back from port 53. */
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    struct sockaddr_in ours;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "sendto");
    if (to && to->sa_family == AF_INET && ((const struct sockaddr_in *)to)->sin_port == htons(DNS_PORT)) {
        memset(&ours, 0, sizeof ours);
        ours.sin_family = AF_INET;
        ours.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ours.sin_port = name_server_port;
        to = (const struct sockaddr *)&ours;
        size = sizeof ours;
    }
    return real(fd, data, length, flags, to, size);
}

ssize_t recvfrom(int fd, void *data, size_t length, int flags, struct sockaddr *from, socklen_t *size)
{
    static ssize_t (*real)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "recvfrom");
    ssize_t n = real(fd, data, length, flags, from, size);
    if (n >= 0 && from && from->sa_family == AF_INET && ((struct sockaddr_in *)from)->sin_port == name_server_port)
        ((struct sockaddr_in *)from)->sin_port = htons(DNS_PORT);
    return n;
}

static ssize_t send_packet(const void *frame, size_t length, void *opaque)
{
    (void)opaque;
    write_frame(frame, length);
    return (ssize_t)length;
}

static void guest_error(const char *message, void *opaque)
{
    (void)opaque;
    fprintf(stderr, "guest error: %s\n", message);
}

static int64_t now_ns(void *opaque)
{
    (void)opaque;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *timer_new(SlirpTimerCb callback, void *callback_opaque, void *opaque)
{
    (void)opaque;
    if (timer_count == MAX_TIMERS)
        abort();
    struct timer *timer = &timers[timer_count++];
    *timer = (struct timer){callback, callback_opaque, -1};
    return timer;
}

static void timer_free(void *timer, void *opaque)
{
    (void)opaque;
    ((struct timer *)timer)->expires_ms = -1;
}

static void timer_mod(void *timer, int64_t expires_ms, void *opaque)
{
    (void)opaque;
    ((struct timer *)timer)->expires_ms = expires_ms;
}

static void ignore_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void ignore(void *opaque)
{
    (void)opaque;
}

static int add_poll(int fd, int events, void *opaque)
{
    (void)opaque;
    if (fd_count == MAX_FDS)
        abort();
    short wanted = 0;
    if (events & SLIRP_POLL_IN)
        wanted |= POLLIN;
    if (events & SLIRP_POLL_OUT)
        wanted |= POLLOUT;
    if (events & SLIRP_POLL_PRI)
        wanted |= POLLPRI;
    fds[fd_count] = (struct pollfd){fd, wanted, 0};
    return fd_count++;
}

static int get_revents(int index, void *opaque)
{
    (void)opaque;
    short got = fds[index].revents;
    int events = 0;
    if (got & POLLIN)
        events |= SLIRP_POLL_IN;
    if (got & POLLOUT)
        events |= SLIRP_POLL_OUT;
    if (got & POLLPRI)
        events |= SLIRP_POLL_PRI;
    if (got & POLLERR)
        events |= SLIRP_POLL_ERR;
    if (got & POLLHUP)
        events |= SLIRP_POLL_HUP;
    return events;
}

static Slirp *qemu_network(void)
{
    static const SlirpCb callbacks = {
        .send_packet = send_packet,
        .guest_error = guest_error,
        .clock_get_ns = now_ns,
        .timer_new = timer_new,
        .timer_free = timer_free,
        .timer_mod = timer_mod,
        .register_poll_fd = ignore_fd,
        .unregister_poll_fd = ignore_fd,
        .notify = ignore,
    };
    SlirpConfig config = {.version = 1, .in_enabled = true};
    inet_aton("10.0.2.0", &config.vnetwork);
    inet_aton("255.255.255.0", &config.vnetmask);
    inet_aton("10.0.2.2", &config.vhost);
    inet_aton("10.0.2.15", &config.vdhcp_start);
    inet_aton("10.0.2.3", &config.vnameserver);
    return slirp_new(&config, &callbacks, NULL);
}

static void run_timers(void)
{
    int64_t now_ms = now_ns(NULL) / 1000000;
    for (int i = 0; i < timer_count; i++) {
        if (timers[i].expires_ms < 0 || timers[i].expires_ms > now_ms)
            continue;
        timers[i].expires_ms = -1;
        timers[i].callback(timers[i].opaque);
    }
}

int main(int argc, char **argv)
{
    unsigned char frame[FRAME_MAX];
    if (argc != 2)
        return 2;
    name_server_port = htons((in_port_t)atoi(argv[1]));
    Slirp *slirp = qemu_network();
    fprintf(stderr, "libslirp %s\n", slirp_version_string());
    for (;;) {
        uint32_t timeout_ms = 100;
        fd_count = 0;
        int input = add_poll(STDIN_FILENO, SLIRP_POLL_IN, NULL);
        slirp_pollfds_fill(slirp, &timeout_ms, add_poll, NULL);
        int result = poll(fds, (nfds_t)fd_count, (int)timeout_ms);
        slirp_pollfds_poll(slirp, result < 0, get_revents, NULL);
        run_timers();
        if (fds[input].revents & (POLLIN | POLLHUP)) {
            size_t length = read_frame(frame);
            slirp_input(slirp, frame, (int)length);
        }
    }
}
