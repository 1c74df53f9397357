/*
 * lwIP as Debian builds it, at 10.0.0.2. `echo`: gives back on port 7 what it gets. `ask`: connects to 10.0.0.1:7, sends as many bytes as the
 * second argument says, checks that the same come back, and says so on stderr.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <lwip/api.h>
#include <lwip/etharp.h>
#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>

#include "frames.h"

#define ECHO_PORT 7

static struct netif netif;

static err_t link_output(struct netif *out, struct pbuf *packet)
{
    unsigned char frame[FRAME_MAX];
    (void)out;
    if (packet->tot_len > sizeof frame)
        return ERR_BUF;
    pbuf_copy_partial(packet, frame, packet->tot_len, 0);
    write_frame(frame, packet->tot_len);
    return ERR_OK;
}

static err_t netif_begin(struct netif *new_netif)
{
    static const unsigned char mac[6] = {0x52, 0x54, 0x01, 0x00, 0x00, 0x02};
    new_netif->name[0] = 'e';
    new_netif->name[1] = '0';
    new_netif->output = etharp_output;
    new_netif->linkoutput = link_output;
    new_netif->mtu = 1500;
    new_netif->hwaddr_len = sizeof mac;
    memcpy(new_netif->hwaddr, mac, sizeof mac);
    new_netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

static void begin(void *ready)
{
    ip4_addr_t address, mask, gateway;
    IP4_ADDR(&address, 10, 0, 0, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    netif_add(&netif, &address, &mask, &gateway, NULL, netif_begin, tcpip_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    sys_sem_signal(ready);
}

static void *receive(void *unused)
{
    unsigned char frame[FRAME_MAX];
    (void)unused;
    for (;;) {
        size_t length = read_frame(frame);
        struct pbuf *packet = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_RAM);
        if (!packet)
            continue;
        pbuf_take(packet, frame, (u16_t)length);
        if (netif.input(packet, &netif) != ERR_OK)
            pbuf_free(packet);
    }
    return NULL;
}

static void echo(struct netconn *connection)
{
    struct netbuf *buffer;
    while (netconn_recv(connection, &buffer) == ERR_OK) {
        void *data;
        u16_t length;
        do {
            netbuf_data(buffer, &data, &length);
            netconn_write(connection, data, length, NETCONN_COPY);
        } while (netbuf_next(buffer) >= 0);
        netbuf_delete(buffer);
    }
}

static void serve(void)
{
    struct netconn *listener = netconn_new(NETCONN_TCP);
    struct netconn *connection;
    netconn_bind(listener, NULL, ECHO_PORT);
    netconn_listen(listener);
    fprintf(stderr, "ready\n");
    while (netconn_accept(listener, &connection) == ERR_OK) {
        echo(connection);
        netconn_close(connection);
        netconn_delete(connection);
    }
}

/* Differs from place to place, also at multiples of 256. */
static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 7 + (at >> 8));
}

struct job {
    struct netconn *connection;
    size_t total;
};

static void *send_pattern(void *argument)
{
    const struct job *job = argument;
    unsigned char chunk[4096];
    for (size_t at = 0; at < job->total; at += sizeof chunk) {
        size_t n = job->total - at < sizeof chunk ? job->total - at : sizeof chunk;
        for (size_t i = 0; i < n; i++)
            chunk[i] = pattern(at + i);
        netconn_write(job->connection, chunk, n, NETCONN_COPY);
    }
    netconn_shutdown(job->connection, 0, 1);
    return NULL;
}

static void ask(size_t total)
{
    struct job job = {netconn_new(NETCONN_TCP), total};
    struct netbuf *buffer;
    size_t at = 0, wrong = 0;
    pthread_t sender;
    ip_addr_t server;
    IP_ADDR4(&server, 10, 0, 0, 1);
    err_t error = netconn_connect(job.connection, &server, ECHO_PORT);
    if (error != ERR_OK) {
        fprintf(stderr, "connect failed: %d\n", error);
        exit(1);
    }
    pthread_create(&sender, NULL, send_pattern, &job);
    while (netconn_recv(job.connection, &buffer) == ERR_OK) {
        void *data;
        u16_t length;
        do {
            netbuf_data(buffer, &data, &length);
            for (u16_t i = 0; i < length; i++, at++)
                wrong += ((unsigned char *)data)[i] != pattern(at);
        } while (netbuf_next(buffer) >= 0);
        netbuf_delete(buffer);
    }
    pthread_join(sender, NULL);
    netconn_delete(job.connection);
    fprintf(stderr, "got %zu, wrong %zu\n", at, wrong);
}

int main(int argc, char **argv)
{
    sys_sem_t ready;
    pthread_t receiver;
    if (argc < 2)
        return 2;
    sys_sem_new(&ready, 0);
    tcpip_init(begin, &ready);
    sys_arch_sem_wait(&ready, 0);
    pthread_create(&receiver, NULL, receive, NULL);
    if (strcmp(argv[1], "echo") == 0)
        serve();
    else if (argc == 3)
        ask((size_t)atol(argv[2]));
    pthread_join(receiver, NULL);
    return 0;
}
