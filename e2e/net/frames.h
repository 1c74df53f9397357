/* Ethernet frames over stdin and stdout: two bytes of length, high byte first, then the frame. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME_MAX 2048

static void write_all(const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, length);
        if (n <= 0)
            exit(1);
        bytes += n;
        length -= (size_t)n;
    }
}

static void write_frame(const void *frame, size_t length)
{
    const unsigned char head[2] = {(unsigned char)(length >> 8), (unsigned char)length};
    write_all(head, sizeof head);
    write_all(frame, length);
}

/* Ends the program at the end of the input, which is how the test stops it. */
static void read_all(unsigned char *into, size_t length)
{
    while (length > 0) {
        ssize_t n = read(STDIN_FILENO, into, length);
        if (n <= 0)
            exit(0);
        into += n;
        length -= (size_t)n;
    }
}

static size_t read_frame(unsigned char *into)
{
    unsigned char head[2];
    read_all(head, sizeof head);
    size_t length = (size_t)head[0] << 8 | head[1];
    if (length > FRAME_MAX)
        exit(1);
    read_all(into, length);
    return length;
}

#endif
