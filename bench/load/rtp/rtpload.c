// SPDX-License-Identifier: EUPL-1.2
// RTP load for a relay: G.711 both ways, 50 packets of 172 bytes a second per leg, a socket per leg, phases spread evenly.
//
// stdin: one call a line, "port_a relay_a port_b relay_b": our ports and, for each, the relay's port it sends to. All on 127.0.0.1.
// argv:  warm-up seconds, measured seconds.
// stdout: "START", then "END" at the borders of the measured time, then one line of figures:
//         sent received lost p50_us p99_us max_us, for packets sent within the measured time.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LEGS 8192
#define PACKET 172
#define PERIOD_NS 20000000LL
#define HISTOGRAM 200000 // one place per microsecond

struct leg {
    int socket;
    struct sockaddr_in relay;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
};

static struct leg legs[MAX_LEGS];
static uint32_t histogram[HISTOGRAM];
static long long window_start, window_end;
static long sent, received;
static long long longest;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int open_leg(struct leg *leg, int port, int relay_port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    leg->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (leg->socket < 0 || bind(leg->socket, (struct sockaddr *)&own, sizeof own) < 0) return -1;
    leg->relay = own;
    leg->relay.sin_port = htons(relay_port);
    leg->ssrc = (uint32_t)random();
    leg->sequence = (uint16_t)random();
    return 0;
}

static void send_packet(struct leg *leg) {
    uint8_t packet[PACKET];
    long long at = now();
    memset(packet, 0xD5, sizeof packet);
    packet[0] = 0x80;
    packet[1] = 8;
    packet[2] = leg->sequence >> 8;
    packet[3] = leg->sequence & 0xFF;
    uint32_t timestamp = htonl(leg->timestamp), ssrc = htonl(leg->ssrc);
    memcpy(packet + 4, &timestamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    memcpy(packet + 12, &at, 8);
    leg->sequence++;
    leg->timestamp += 160;
    if (sendto(leg->socket, packet, sizeof packet, 0, (struct sockaddr *)&leg->relay, sizeof leg->relay) == PACKET && at >= window_start && at < window_end) sent++;
}

static void receive_packets(int socket) {
    uint8_t packet[2048];
    for (;;) {
        ssize_t size = recv(socket, packet, sizeof packet, 0);
        if (size < 0) return;
        if (size != PACKET) continue; // RTCP that a relay multiplexes, or noise
        long long at;
        memcpy(&at, packet + 12, 8);
        if (at < window_start || at >= window_end) continue;
        long long late = now() - at;
        received++;
        if (late > longest) longest = late;
        long long place = late / 1000;
        histogram[place < 0 ? 0 : place < HISTOGRAM ? place : HISTOGRAM - 1]++;
    }
}

static long percentile(double share) {
    long wanted = (long)(received * share), seen = 0;
    for (long i = 0; i < HISTOGRAM; i++)
        if ((seen += histogram[i]) > wanted) return i;
    return HISTOGRAM;
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "rtpload WARM_UP_S MEASURED_S < calls\n"), 2;
    int count = 0, port_a, relay_a, port_b, relay_b;
    while (scanf("%d %d %d %d", &port_a, &relay_a, &port_b, &relay_b) == 4 && count + 2 <= MAX_LEGS) {
        if (open_leg(&legs[count++], port_a, relay_a) < 0 || open_leg(&legs[count++], port_b, relay_b) < 0) return perror("bind"), 1;
    }
    int poll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = legs[i].socket};
        epoll_ctl(poll, EPOLL_CTL_ADD, legs[i].socket, &event);
    }
    long long start = now(), step = PERIOD_NS / (count ? count : 1), turn = 0;
    window_start = start + (long long)(atof(argv[1]) * 1e9);
    window_end = window_start + (long long)(atof(argv[2]) * 1e9);
    int told = 0;
    for (;;) {
        long long time = now();
        if (told == 0 && time >= window_start) told = 1, puts("START"), fflush(stdout);
        if (told == 1 && time >= window_end) told = 2, puts("END"), fflush(stdout);
        if (time >= window_end + 300000000LL) break;
        while (time < window_end && start + turn * step <= time) send_packet(&legs[turn++ % count]);
        struct epoll_event events[256];
        long long wait = start + turn * step - now();
        struct timespec limit = {0, wait < 0 ? 0 : wait > 1000000 ? 1000000 : wait};
        int ready = epoll_pwait2(poll, events, 256, &limit, NULL);
        for (int i = 0; i < ready; i++) receive_packets(events[i].data.fd);
    }
    printf("%ld %ld %ld %ld %ld %lld\n", sent, received, sent - received, percentile(0.5), percentile(0.99), longest / 1000);
    return 0;
}
