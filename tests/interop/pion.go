// SPDX-License-Identifier: MIT
//
// A TURN server and a TURN client of pion, for tests.
//
//	pion serve CERTIFICATE KEY     prints where it listens, then "ready"
//	pion talk ADDRESS udp|tcp|tls USER PASSWORD [CERTIFICATE]
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v2"
)

const (
	realm    = "turn.example.org"
	patience = 10 * time.Second
)

func key(user, realm string, _ net.Addr) ([]byte, bool) {
	return turn.GenerateAuthKey(user, realm, "secret"), user == "alice"
}

func relays() turn.RelayAddressGenerator {
	return &turn.RelayAddressGeneratorStatic{
		RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"}
}

func serve(certificate, privateKey string) error {
	pair, err := tls.LoadX509KeyPair(certificate, privateKey)
	if err != nil {
		return err
	}
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	secure, err := tls.Listen("tcp4", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return err
	}
	_, err = turn.NewServer(turn.ServerConfig{
		Realm: realm, AuthHandler: key,
		PacketConnConfigs: []turn.PacketConnConfig{
			{PacketConn: udp, RelayAddressGenerator: relays()}},
		ListenerConfigs: []turn.ListenerConfig{
			{Listener: tcp, RelayAddressGenerator: relays()},
			{Listener: secure, RelayAddressGenerator: relays()}},
	})
	if err != nil {
		return err
	}
	fmt.Println("listening udp", udp.LocalAddr())
	fmt.Println("listening tcp", tcp.Addr())
	fmt.Println("listening tls", secure.Addr())
	fmt.Println("ready")
	select {}
}

func dial(address, transport string, more []string) (net.PacketConn, error) {
	switch transport {
	case "udp":
		return net.ListenPacket("udp4", "127.0.0.1:0")
	case "tcp":
		connection, err := net.Dial("tcp4", address)
		if err != nil {
			return nil, err
		}
		return turn.NewSTUNConn(connection), nil
	}
	trusted := x509.NewCertPool()
	text, err := os.ReadFile(more[0])
	if err != nil {
		return nil, err
	}
	trusted.AppendCertsFromPEM(text)
	connection, err := tls.Dial("tcp4", address,
		&tls.Config{RootCAs: trusted, ServerName: "turn.example.org"})
	if err != nil {
		return nil, err
	}
	return turn.NewSTUNConn(connection), nil
}

type end struct {
	client *turn.Client
	relay  net.PacketConn
}

func allocate(words []string) (*end, error) {
	connection, err := dial(words[0], words[1], words[4:])
	if err != nil {
		return nil, err
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: words[0], TURNServerAddr: words[0], Conn: connection,
		Username: words[2], Password: words[3], Realm: realm,
		LoggerFactory: logging.NewDefaultLoggerFactory()})
	if err != nil {
		return nil, err
	}
	if err = client.Listen(); err != nil {
		return nil, err
	}
	relay, err := client.Allocate()
	if err != nil {
		return nil, err
	}
	return &end{client, relay}, nil
}

// Echo what comes, as often as it is said.
func echo(relay net.PacketConn, times int) {
	buffer := make([]byte, 1600)
	for i := 0; i < times; i++ {
		n, from, err := relay.ReadFrom(buffer)
		if err != nil {
			return
		}
		if _, err = relay.WriteTo(buffer[:n], from); err != nil {
			return
		}
	}
}

func exchange(one, two *end) error {
	// Over TCP its reader waits for nine bytes: with less data than five it
	// waits for the next message.
	sizes := []int{5, 6, 7, 8, 100, 999, 1200}
	buffer := make([]byte, 1600)
	if err := two.client.CreatePermission(one.relay.LocalAddr()); err != nil {
		return err
	}
	go echo(two.relay, len(sizes))
	for i, size := range sizes {
		message := bytes.Repeat([]byte{byte(i)}, size)
		if _, err := one.relay.WriteTo(message, two.relay.LocalAddr()); err != nil {
			return err
		}
		if err := one.relay.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		n, _, err := one.relay.ReadFrom(buffer)
		if err != nil {
			return err
		}
		if !bytes.Equal(buffer[:n], message) {
			return errors.New("data are not what was sent")
		}
	}
	fmt.Println("relayed", len(sizes), "messages")
	return nil
}

func talk(words []string) error {
	one, err := allocate(words)
	if err != nil {
		return err
	}
	two, err := allocate(words)
	if err != nil {
		return err
	}
	if err = exchange(one, two); err != nil {
		return err
	}
	for _, end := range []*end{one, two} {
		if err = end.relay.Close(); err != nil {
			return err
		}
		end.client.Close()
	}
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "serve":
		err = serve(os.Args[2], os.Args[3])
	case len(os.Args) >= 6 && os.Args[1] == "talk":
		err = talk(os.Args[2:])
	default:
		err = errors.New("usage: pion serve CERTIFICATE KEY, or " +
			"pion talk ADDRESS udp|tcp|tls USER PASSWORD [CERTIFICATE]")
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}
