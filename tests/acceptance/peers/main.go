// A TLS server by Go's crypto/tls, for tests of the capture: its groups and versions are options. It ends with its
// standard input.
//
//	go_peer -listen 127.0.0.1:4433 -cert c.pem -key k.pem -groups 4588 -min 772 -max 772
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address and port")
	cert := flag.String("cert", "", "PEM")
	key := flag.String("key", "", "PEM")
	groups := flag.String("groups", "", "numbers of the groups, with commas; none: the default")
	min := flag.Uint("min", tls.VersionTLS10, "lowest version")
	max := flag.Uint("max", tls.VersionTLS13, "highest version")
	hasHybrid := flag.Bool("has-hybrid", false, "only say, as exit code, whether this Go has all hybrid groups")
	flag.Parse()
	if *hasHybrid {
		if version := strings.Split(strings.TrimPrefix(runtime.Version(), "go"), "."); len(version) > 1 {
			if minor, err := strconv.Atoi(version[1]); err == nil && minor >= 26 {
				os.Exit(0)
			}
		}
		os.Exit(1)
	}

	pair, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: uint16(*min), MaxVersion: uint16(*max)}
	for _, text := range strings.Split(*groups, ",") {
		if number, err := strconv.ParseUint(text, 0, 16); err == nil {
			config.CurvePreferences = append(config.CurvePreferences, tls.CurveID(number))
		}
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("ready")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			server := tls.Server(conn, config)
			if err := server.Handshake(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
}
