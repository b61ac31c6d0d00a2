// SPDX-License-Identifier: Apache-2.0

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.CK_C_INITIALIZE_ARGS;
import sun.security.pkcs11.wrapper.PKCS11;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/**
 * Client MODULE keys | list | read KEY | write KEY | delete KEY | sign KEY HASH, with SunPKCS11. A
 * KeyStore knows keys only; data objects need the wrapper below it, which is the JDK's own and has to
 * be exported: --add-exports jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED
 */
public final class Client {
    // docs: begin
    static Provider provider(String module) {
        return Security.getProvider("SunPKCS11")
            .configure("--name = sideseat\nlibrary = " + module + "\nslotListIndex = 0\n");
    }

    static KeyStore keyStore(Provider provider) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, null);
        return store;
    }

    /** Signs with a key that cannot be read: its getEncoded() is null. */
    static byte[] sign(Provider provider, String key, String hash, byte[] text) throws Exception {
        Key secret = keyStore(provider).getKey(key, null);
        Mac mac = Mac.getInstance("Hmac" + hash, provider);
        mac.init(secret);
        return mac.doFinal(text);
    }
    // docs: end

    // docs: begin
    static final class Data {
        private static final CK_ATTRIBUTE CLASS =
            new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_DATA);
        private final PKCS11 p11;
        private final long session;

        Data(String module) throws Exception {
            CK_C_INITIALIZE_ARGS arguments = new CK_C_INITIALIZE_ARGS();
            arguments.flags = PKCS11Constants.CKF_OS_LOCKING_OK;
            p11 = PKCS11.getInstance(module, "C_GetFunctionList", arguments, false);
            session = p11.C_OpenSession(p11.C_GetSlotList(true)[0],
                PKCS11Constants.CKF_SERIAL_SESSION | PKCS11Constants.CKF_RW_SESSION, null, null);
        }

        private long[] find(CK_ATTRIBUTE... wanted) throws Exception {
            p11.C_FindObjectsInit(session, wanted);
            long[] found = p11.C_FindObjects(session, 10000);
            p11.C_FindObjectsFinal(session);
            return found;
        }

        private long find(String key) throws Exception {
            long[] found = find(CLASS, label(key));
            if (found.length == 0) {
                throw new IllegalArgumentException(key + ": not found");
            }
            return found[0];
        }

        private static CK_ATTRIBUTE label(String key) {
            return new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, key.getBytes(StandardCharsets.UTF_8));
        }

        List<String> names() throws Exception {
            List<String> names = new ArrayList<>();
            for (long object : find(CLASS)) {
                CK_ATTRIBUTE[] label = {new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL)};
                p11.C_GetAttributeValue(session, object, label);
                // the wrapper gives a text as one char for each byte
                byte[] bytes =
                    new String(label[0].getCharArray()).getBytes(StandardCharsets.ISO_8859_1);
                names.add(new String(bytes, StandardCharsets.UTF_8));
            }
            return names;
        }

        byte[] read(String key) throws Exception {
            CK_ATTRIBUTE[] value = {new CK_ATTRIBUTE(PKCS11Constants.CKA_VALUE)};
            p11.C_GetAttributeValue(session, find(key), value);
            return value[0].getByteArray();
        }

        /** Creates the secret, or replaces its value. */
        void write(String key, byte[] value) throws Exception {
            p11.C_CreateObject(session, new CK_ATTRIBUTE[] {CLASS,
                new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true), label(key),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_VALUE, value)});
        }

        void delete(String key) throws Exception {
            p11.C_DestroyObject(session, find(key));
        }
    }
    // docs: end

    public static void main(String[] words) throws Exception {
        String module = words[0];
        switch (words[1]) {
            case "keys":
                for (String alias : Collections.list(keyStore(provider(module)).aliases())) {
                    Key key = keyStore(provider(module)).getKey(alias, null);
                    System.out.println(alias + " " + (key.getEncoded() == null ? "hidden" : "shown"));
                }
                break;
            case "list":
                new Data(module).names().forEach(System.out::println);
                break;
            case "read":
                System.out.write(new Data(module).read(words[2]));
                break;
            case "write":
                new Data(module).write(words[2], System.in.readAllBytes());
                break;
            case "delete":
                new Data(module).delete(words[2]);
                break;
            default:
                byte[] signature =
                    sign(provider(module), words[2], words[3], System.in.readAllBytes());
                System.out.print(HexFormat.of().formatHex(signature));
        }
        System.out.flush();
    }
}
