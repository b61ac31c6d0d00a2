// SPDX-License-Identifier: Apache-2.0

// pair MODULE KEY signs standard input with SHA-256 and the private key of that label, with crypto11:
// Go's crypto.Signer, which crypto/tls and crypto/x509 take.
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/ThalesIgnite/crypto11"
)

func sign(module, key string) ([]byte, error) {
	token, err := crypto11.Configure(&crypto11.Config{Path: module, TokenLabel: "sideseat", LoginNotSupported: true})
	if err != nil {
		return nil, err
	}
	defer token.Close()
	pair, err := token.FindKeyPair(nil, []byte(key))
	if err != nil {
		return nil, err
	}
	if pair == nil {
		return nil, fmt.Errorf("%s: not found", key)
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(text)
	return pair.Sign(rand.Reader, digest[:], crypto.SHA256)
}

func main() {
	signature, err := sign(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stdout.Write(signature)
}
