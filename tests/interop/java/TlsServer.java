// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A TLS server whose keys stay in the token: TlsServer MODULE PORT. It answers each connection with the kind of the
 * key that it has used.
 */
public final class TlsServer {
    private TlsServer() {
    }

    // docs: begin
    /** What a server needs to use the token's keys: one of the kind that the client asks for. */
    static SSLContext tls(String module) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11")
            .configure("--name = sideseat\nlibrary = " + module + "\nslotListIndex = 0\n");
        Security.addProvider(provider); // at the end: the others do all that needs no key of the token
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, null);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, null);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
    // docs: end

    private static void answer(SSLSocket client) throws IOException {
        client.startHandshake();
        String kind = client.getSession().getLocalCertificates()[0].getPublicKey().getAlgorithm();
        String reply = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + kind.length() + "\r\n\r\n" + kind;
        client.getInputStream().read(new byte[8192]);
        try (OutputStream out = client.getOutputStream()) {
            out.write(reply.getBytes(StandardCharsets.US_ASCII));
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (SSLServerSocket server = (SSLServerSocket) tls(arguments[0]).getServerSocketFactory()
                 .createServerSocket(Integer.parseInt(arguments[1]), 50, InetAddress.getLoopbackAddress())) {
            while (true) {
                try (SSLSocket client = (SSLSocket) server.accept()) {
                    answer(client);
                } catch (IOException gone) {
                    System.err.println(gone); // the next client counts
                }
            }
        }
    }
}
