#!/usr/bin/env escript
%% SPDX-License-Identifier: MIT
%%
%% The TURN server of ejabberd and eturnal, for servers.py.
%%
%% usage: p1_stun.escript PORT TLS-PORT KEY-AND-CERTIFICATE

main([Port, TlsPort, File]) ->
    {ok, _} = application:ensure_all_started(stun),
    Loopback = {127, 0, 0, 1},
    Password = fun(<<"alice">>, _Realm) -> <<"secret">>;
                  (_User, _Realm) -> <<>>
               end,
    Options = [{use_turn, true}, {auth_type, user},
               {auth_realm, <<"turn.example.org">>},
               {auth_fun, Password}, {turn_ipv4_address, Loopback},
               {turn_blacklist, []}],
    Tls = [tls, {certfile, list_to_binary(File)} | Options],
    [ok = stun_listener:add_listener(Loopback, list_to_integer(At), Over, With)
     || {At, Over, With} <- [{Port, udp, Options}, {Port, tcp, Options},
                             {TlsPort, tcp, Tls}]],
    io:format("listening udp 127.0.0.1:~s~n", [Port]),
    io:format("listening tcp 127.0.0.1:~s~n", [Port]),
    io:format("listening tls 127.0.0.1:~s~n", [TlsPort]),
    io:format("ready~n"),
    timer:sleep(infinity).
