// SPDX-License-Identifier: Apache-2.0

// A Vault server for tests: the real core and its HTTP API, with the KV engines and the login methods
// that this project speaks to, everything in memory. It listens on ports that are free and says which
// in one line of JSON on its standard output, with the key that unseals it:
//
//	{"addresses": ["http://127.0.0.1:40123"], "unseal": "0f…"}
package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	"github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/credential/cert"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

var secretEngines = map[string]logical.Factory{"kv": kv.Factory}

var loginMethods = map[string]logical.Factory{
	"approle":    approle.Factory,
	"cert":       cert.Factory,
	"kubernetes": kubernetes.Factory,
}

// registry tells the core which engines and methods are compiled in.
type registry struct{}

func (registry) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	var factory logical.Factory
	switch kind {
	case consts.PluginTypeSecrets:
		factory = secretEngines[name]
	case consts.PluginTypeCredential:
		factory = loginMethods[name]
	}
	return func() (interface{}, error) { return factory, nil }, factory != nil
}

func (r registry) Contains(name string, kind consts.PluginType) bool {
	_, found := r.Get(name, kind)
	return found
}

func (registry) Keys(consts.PluginType) []string { return nil }

func (registry) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, true
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

// cluster is one or more nodes over one storage; the first is the active one.
type cluster struct {
	context   context.Context
	logger    hclog.Logger
	storage   physical.Backend
	available physical.HABackend
	scheme    string
	unseal    []byte
}

func newCluster(nodes int, scheme string, logger hclog.Logger) (*cluster, error) {
	c := &cluster{
		context: namespace.ContextWithNamespace(context.Background(), namespace.RootNamespace),
		logger:  logger,
		scheme:  scheme,
	}
	var err error
	if nodes == 1 {
		c.storage, err = inmem.NewInmem(nil, logger)
		return c, err
	}
	c.storage, err = inmem.NewInmemHA(nil, logger)
	if err == nil {
		c.available = c.storage.(physical.HABackend)
	}
	return c, err
}

// initialize makes the storage, the root token with the wished name, and the KV engine.
func (c *cluster) initialize(core *vault.Core, token string) error {
	made, err := core.Initialize(c.context, &vault.InitParams{
		BarrierConfig: &vault.SealConfig{SecretShares: 1, SecretThreshold: 1},
	})
	if err != nil {
		return err
	}
	c.unseal = made.SecretShares[0]
	if err := c.open(core); err != nil {
		return err
	}
	for active := c.available == nil; !active; time.Sleep(10 * time.Millisecond) {
		if active, _, _, err = core.Leader(); err != nil {
			return err
		}
	}
	if err := c.request(core, made.RootToken, "auth/token/create", map[string]interface{}{
		"id": token, "policies": []string{"root"}, "no_parent": true,
	}); err != nil {
		return err
	}
	return c.request(core, token, "sys/mounts/secret", map[string]interface{}{
		"type": "kv", "options": map[string]interface{}{"version": "2"},
	})
}

func (c *cluster) open(core *vault.Core) error {
	key := append([]byte(nil), c.unseal...) // the core wipes what it is given
	_, err := core.Unseal(key)
	return err
}

func (c *cluster) request(core *vault.Core, token, path string, data map[string]interface{}) error {
	reply, err := core.HandleRequest(c.context, &logical.Request{
		ID: path, Operation: logical.UpdateOperation, ClientToken: token, Path: path, Data: data,
	})
	if err == nil && reply != nil && reply.IsError() {
		err = reply.Error()
	}
	return err
}

// start brings up a node behind the listener.
func (c *cluster) start(listener net.Listener, token, certificate, key string) (string, error) {
	address := c.scheme + "://" + listener.Addr().String()
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           c.storage,
		HAPhysical:         c.available,
		RedirectAddr:       address,
		LogicalBackends:    secretEngines,
		CredentialBackends: loginMethods,
		BuiltinRegistry:    registry{},
		Logger:             c.logger,
		DisableMlock:       true,
		DisableSSCTokens:   true,
	})
	if err != nil {
		return "", err
	}
	if c.unseal == nil {
		err = c.initialize(core, token)
	} else {
		err = c.open(core)
	}
	if err != nil {
		return "", err
	}
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{Type: "tcp"},
	})
	server := &http.Server{Handler: handler}
	go func() {
		if certificate == "" {
			fail(server.Serve(listener))
		}
		// certificates of clients are asked for, so that the cert method can log them in
		server.TLSConfig = &tls.Config{ClientAuth: tls.RequestClientCert}
		fail(server.ServeTLS(listener, certificate, key))
	}()
	return address, nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	nodes := flag.Int("nodes", 1, "how many; all but the first are standbys")
	token := flag.String("root-token", "root", "the root token")
	certificate := flag.String("tls-cert", "", "PEM file")
	key := flag.String("tls-key", "", "PEM file")
	level := flag.String("log", "error", "of the log on standard error")
	flag.Parse()

	scheme := "http"
	if *certificate != "" {
		scheme = "https"
	}
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.LevelFromString(*level), Output: os.Stderr})
	c, err := newCluster(*nodes, scheme, logger)
	if err != nil {
		fail(err)
	}
	addresses := make([]string, *nodes)
	for i := range addresses {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fail(err)
		}
		if addresses[i], err = c.start(listener, *token, *certificate, *key); err != nil {
			fail(err)
		}
	}
	line, err := json.Marshal(map[string]interface{}{
		"addresses": addresses, "unseal": hex.EncodeToString(c.unseal),
	})
	if err != nil {
		fail(err)
	}
	fmt.Println(string(line))
	// it ends with whoever started it
	_, _ = io.Copy(io.Discard, os.Stdin)
}
