%% A TLS server by Erlang's ssl, for tests of the capture: escript erlang_peer.escript ADDRESS PORT CERTIFICATE.pem KEY.pem tlsv1.2|tlsv1.3
main([Address, Port, Certificate, Key, Version]) ->
    {ok, _} = application:ensure_all_started(ssl),
    {ok, At} = inet:parse_address(Address),
    {ok, Listener} = ssl:listen(list_to_integer(Port),
        [{ip, At}, {reuseaddr, true}, {active, false}, {certfile, Certificate}, {keyfile, Key}, {versions, [list_to_atom(Version)]}]),
    serve(Listener).

serve(Listener) ->
    {ok, Client} = ssl:transport_accept(Listener),
    case ssl:handshake(Client, 2000) of
        {ok, Socket} -> ssl:close(Socket);
        {error, Reason} -> io:format("~p~n", [Reason])
    end,
    serve(Listener).
