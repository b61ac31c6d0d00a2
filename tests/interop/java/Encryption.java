// SPDX-License-Identifier: Apache-2.0

import java.io.ByteArrayOutputStream;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encryption MODULE [KEY], with SunPKCS11: an AES key of a session, compared with the JDK's own AES; or
 * prints what the key of the store encrypts.
 */
public final class Encryption {
    static final byte[] DATA = new byte[10007];

    static AlgorithmParameterSpec parameter(String name, byte[] iv) {
        return name.contains("GCM") ? new GCMParameterSpec(128, iv, 0, 12) : new IvParameterSpec(iv);
    }

    static byte[] run(String name, Provider provider, int mode, SecretKey key, byte[] iv, byte[] data)
            throws Exception {
        Cipher cipher = Cipher.getInstance(name, provider);
        cipher.init(mode, key, parameter(name, iv));
        if (name.contains("GCM")) {
            cipher.updateAAD("header".getBytes());
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int at = 0; at < data.length; at += 33) {
            byte[] part = cipher.update(data, at, Math.min(33, data.length - at));
            whole.writeBytes(part == null ? new byte[0] : part);
        }
        // without data: Java 17 drops it here after an update with GCM
        whole.writeBytes(cipher.doFinal());
        return whole.toByteArray();
    }

    public static void main(String[] words) throws Exception {
        Provider token = Security.getProvider("SunPKCS11")
            .configure("--name = sideseat\nlibrary = " + words[0] + "\nslotListIndex = 0\n");
        byte[] iv = "an IV of 16 byte".getBytes();
        if (words.length > 1) {
            KeyStore store = KeyStore.getInstance("PKCS11", token);
            store.load(null, null);
            SecretKey stored = (SecretKey) store.getKey(words[1], null);
            System.out.write(run("AES/CBC/PKCS5Padding", token, Cipher.ENCRYPT_MODE, stored, iv, DATA));
            System.out.flush();
            return;
        }
        Provider own = Security.getProvider("SunJCE");
        SecretKey key = new SecretKeySpec(Arrays.copyOf("0123456789abcdef".getBytes(), 32), "AES");

        for (String name : new String[] {"AES/GCM/NoPadding", "AES/CBC/PKCS5Padding", "AES/CBC/NoPadding"}) {
            byte[] data = name.equals("AES/CBC/NoPadding") ? Arrays.copyOf(DATA, 4096) : DATA;
            byte[] encrypted = run(name, token, Cipher.ENCRYPT_MODE, key, iv, data);
            if (!Arrays.equals(encrypted, run(name, own, Cipher.ENCRYPT_MODE, key, iv, data))
                    || !Arrays.equals(data, run(name, token, Cipher.DECRYPT_MODE, key, iv, encrypted))) {
                throw new AssertionError(name);
            }
            System.out.println(name);
        }

        KeyGenerator generator = KeyGenerator.getInstance("AES", token);
        generator.init(256);
        SecretKey made = generator.generateKey();
        byte[] encrypted = run("AES/GCM/NoPadding", token, Cipher.ENCRYPT_MODE, made, iv, DATA);
        if (!Arrays.equals(DATA, run("AES/GCM/NoPadding", token, Cipher.DECRYPT_MODE, made, iv, encrypted))) {
            throw new AssertionError("a key that was made");
        }
        encrypted[100] ^= 1;
        try {
            run("AES/GCM/NoPadding", token, Cipher.DECRYPT_MODE, made, iv, encrypted);
            throw new AssertionError("a wrong tag");
        } catch (AEADBadTagException error) {
            System.out.println("wrong tag");
        }
    }
}
