// hybrid ADDRESS CHAIN KEY: a TLS 1.3 server that takes nothing but the hybrid post-quantum group X25519MLKEM768.
//
// Built without a module, Go takes the defaults of old versions, which lack this group: hence the line below.
//
//go:debug tlsmlkem=1
package main

import (
	"crypto/tls"
	"log"
	"net"
	"os"
)

func main() {
	certificate, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := tls.Listen("tcp", os.Args[1], &tls.Config{
		Certificates:     []tls.Certificate{certificate},
		MinVersion:       tls.VersionTLS13,
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768},
	})
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue
		}
		go func(conn net.Conn) {
			defer conn.Close()
			conn.(*tls.Conn).Handshake()
		}(conn)
	}
}
