// SPDX-License-Identifier: Apache-2.0

// client MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with miekg/pkcs11.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/miekg/pkcs11"
)

// docs: begin

func openSession(p *pkcs11.Ctx) (pkcs11.SessionHandle, error) {
	if err := p.Initialize(); err != nil {
		return 0, err
	}
	slots, err := p.GetSlotList(true)
	if err != nil {
		return 0, err
	}
	if len(slots) == 0 {
		return 0, fmt.Errorf("there is no token")
	}
	return p.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
}

// find gives all objects of a class, or with a key the one of that label.
func find(p *pkcs11.Ctx, s pkcs11.SessionHandle, class uint, key string) ([]pkcs11.ObjectHandle, error) {
	wanted := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}
	if key != "" {
		wanted = append(wanted, pkcs11.NewAttribute(pkcs11.CKA_LABEL, key))
	}
	if err := p.FindObjectsInit(s, wanted); err != nil {
		return nil, err
	}
	defer p.FindObjectsFinal(s)
	var all []pkcs11.ObjectHandle
	for {
		some, _, err := p.FindObjects(s, 100)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			break
		}
		all = append(all, some...)
	}
	if key != "" && len(all) == 0 {
		return nil, fmt.Errorf("%s: not found", key)
	}
	return all, nil
}

func attribute(p *pkcs11.Ctx, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, kind uint) ([]byte, error) {
	got, err := p.GetAttributeValue(s, o, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil {
		return nil, err
	}
	return got[0].Value, nil
}

func names(p *pkcs11.Ctx, s pkcs11.SessionHandle) ([]string, error) {
	secrets, err := find(p, s, pkcs11.CKO_DATA, "")
	var all []string
	for _, secret := range secrets {
		label, err := attribute(p, s, secret, pkcs11.CKA_LABEL)
		if err != nil {
			return nil, err
		}
		all = append(all, string(label))
	}
	return all, err
}

func read(p *pkcs11.Ctx, s pkcs11.SessionHandle, key string) ([]byte, error) {
	secret, err := find(p, s, pkcs11.CKO_DATA, key)
	if err != nil {
		return nil, err
	}
	return attribute(p, s, secret[0], pkcs11.CKA_VALUE)
}

// write creates the secret, or replaces its value.
func write(p *pkcs11.Ctx, s pkcs11.SessionHandle, key string, value []byte) error {
	_, err := p.CreateObject(s, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_DATA),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, key),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, value),
	})
	return err
}

func remove(p *pkcs11.Ctx, s pkcs11.SessionHandle, key string) error {
	secret, err := find(p, s, pkcs11.CKO_DATA, key)
	if err != nil {
		return err
	}
	return p.DestroyObject(s, secret[0])
}

// sign uses a key that cannot be read.
func sign(p *pkcs11.Ctx, s pkcs11.SessionHandle, key string, mechanism uint, text []byte) ([]byte, error) {
	secret, err := find(p, s, pkcs11.CKO_SECRET_KEY, key)
	if err != nil {
		return nil, err
	}
	if err := p.SignInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(mechanism, nil)}, secret[0]); err != nil {
		return nil, err
	}
	return p.Sign(s, text)
}

// docs: end

func run(p *pkcs11.Ctx, words []string) error {
	s, err := openSession(p)
	if err != nil {
		return err
	}
	defer p.Finalize()
	switch words[0] {
	case "list":
		all, err := names(p, s)
		for _, name := range all {
			fmt.Println(name)
		}
		return err
	case "read":
		value, err := read(p, s, words[1])
		os.Stdout.Write(value)
		return err
	case "delete":
		return remove(p, s, words[1])
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	if words[0] == "write" {
		return write(p, s, words[1], input)
	}
	mechanisms := map[string]uint{"SHA256": pkcs11.CKM_SHA256_HMAC, "SHA384": pkcs11.CKM_SHA384_HMAC,
		"SHA512": pkcs11.CKM_SHA512_HMAC}
	signature, err := sign(p, s, words[1], mechanisms[words[2]], input)
	fmt.Printf("%x", signature)
	return err
}

func main() {
	p := pkcs11.New(os.Args[1])
	if p == nil {
		fmt.Fprintln(os.Stderr, "the module cannot be loaded")
		os.Exit(1)
	}
	if err := run(p, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
