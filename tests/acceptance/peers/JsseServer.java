import java.io.FileInputStream;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS server by Java's JSSE, for tests of the capture: java JsseServer.java ADDRESS PORT FILE.p12 PASSWORD PROTOCOL. */
public class JsseServer {
    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(args[2])) {
            store.load(in, args[3].toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, args[3].toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(Integer.parseInt(args[1]), 64, java.net.InetAddress.getByName(args[0]));
        listener.setEnabledProtocols(new String[] {args[4]});
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
