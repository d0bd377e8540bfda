import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A TLS server by Java's JSSE, for tests of the capture: java JsseServer.java ADDRESS PORT FILE.p12 PASSWORD PROTOCOL,... [SUITES]. SUITES
 * is a regular expression over Java's names; with it everything that Java has disabled is allowed, down to SSLv3 and EXPORT. With
 * -Dpeer=bouncycastle, and its jars in the class path, TLS is Bouncy Castle's.
 */
public class JsseServer {
    public static void main(String[] args) throws Exception {
        if (args.length > 5) {
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
        }
        boolean isBouncyCastle = "bouncycastle".equals(System.getProperty("peer"));
        if (isBouncyCastle) {
            for (String name : new String[] {"org.bouncycastle.jce.provider.BouncyCastleProvider",
                    "org.bouncycastle.jsse.provider.BouncyCastleJsseProvider"}) {
                Security.addProvider((Provider) Class.forName(name).getDeclaredConstructor().newInstance());
            }
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(args[2])) {
            store.load(in, args[3].toCharArray());
        }
        KeyManagerFactory keys = isBouncyCastle ? KeyManagerFactory.getInstance("PKIX", "BCJSSE") : KeyManagerFactory.getInstance("SunX509");
        keys.init(store, args[3].toCharArray());
        SSLContext context = isBouncyCastle ? SSLContext.getInstance("TLS", "BCJSSE") : SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(Integer.parseInt(args[1]), 64, java.net.InetAddress.getByName(args[0]));
        listener.setEnabledProtocols(args[4].split(","));
        if (args.length > 5) {
            listener.setEnabledCipherSuites(Arrays.stream(listener.getSupportedCipherSuites())
                    .filter(suite -> suite.matches(args[5])).toArray(String[]::new));
        }
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            Thread thread = new Thread(() -> {
                try (socket) {
                    socket.setSoTimeout(5000);
                    socket.startHandshake();
                } catch (Exception e) {
                    System.err.println(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
    }
}
