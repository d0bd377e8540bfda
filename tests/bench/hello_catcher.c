/* hello_catcher PORT FILE: accepts one connection on 127.0.0.1:PORT, writes the first record that comes to FILE. So the floor
 * sends exactly what the program under test sends. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc < 3 ? 0 : (uint16_t)atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (argc < 3 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0)
        return perror("hello_catcher"), 1;
    alarm(20);
    int fd = accept(listener, NULL, NULL);
    static uint8_t bytes[16389];
    size_t got = 0, need = 5;
    for (ssize_t len; got < need && (len = recv(fd, bytes + got, sizeof bytes - got, 0)) > 0;) {
        got += (size_t)len;
        if (got >= 5)
            need = 5u + (size_t)(bytes[3] << 8 | bytes[4]);
    }
    FILE *file = fopen(argv[2], "wb");
    if (got < need || file == NULL || fwrite(bytes, 1, got, file) != got)
        return fprintf(stderr, "hello_catcher: no hello came\n"), 1;
    return fclose(file) == 0 ? 0 : 1;
}
