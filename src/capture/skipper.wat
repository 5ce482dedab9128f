;; Passes over records of a capture file that the filter would say no to; see skipper.ts.
;; scripts/skipper.mjs writes what this compiles to into skipper-code.ts.
(module
  (import "capture" "memory" (memory 1))

  ;; Layout of the memory, as in skipper.ts. First a byte for each IP protocol and one for the last sixteen bits of each
  ;; sender and target of ARP, not 0 where the filter may want the frame; 2 for UDP, which is wanted to two ports. Then two
  ;; results, and those ports with their bytes as in a packet.
  (global $protocols i32 (i32.const 0))
  (global $addresses i32 (i32.const 256))
  (global $count i32 (i32.const 65792))
  (global $last i32 (i32.const 65796))
  (global $ports i32 (i32.const 65800))

  ;; Lengths are compared without a sign, so what is far too large stops the walk, too. Behind `end` there is memory, so that
  ;; a record may be looked at before it is known to be all there.
  ;;
  ;; at         address of a record
  ;; end        address behind the bytes that are there
  ;; interface  number of the pcapng interface whose packets may be passed over, -1 for classic pcap
  ;; returns the address of the first record that has to be looked at; adds to $count, and sets $last where it passed any
  (func (export "skip") (param $at i32) (param $end i32) (param $interface i32) (result i32)
    (local $next i32)
    (local $length i32)
    (local $captured i32)
    (local $frame i32)
    (local $type i32)
    (local $protocol i32)
    (local $wanted i32)
    (local $port i32)
    (local $passed i32)
    (local $previous i32)
    (block $done
      (loop $records
        (if (i32.eq (local.get $interface) (i32.const -1))
          (then
            ;; Seconds, fraction, captured length, original length.
            (local.set $frame (i32.add (local.get $at) (i32.const 16)))
            (local.set $captured (i32.load offset=8 (local.get $at)))
            (br_if $done (i32.gt_u (local.get $captured) (i32.const 262144)))
            (local.set $next (i32.add (local.get $frame) (local.get $captured)))
            (br_if $done (i32.gt_u (local.get $next) (local.get $end))))
          (else
            ;; Enhanced packet block: type, length, interface, time (8 bytes), captured length, original length.
            (local.set $frame (i32.add (local.get $at) (i32.const 28)))
            (br_if $done (i32.ne (i32.load (local.get $at)) (i32.const 6)))
            (br_if $done (i32.ne (i32.load offset=8 (local.get $at)) (local.get $interface)))
            (local.set $length (i32.load offset=4 (local.get $at)))
            ;; At least 32 bytes, at most 16 MiB: what is less wraps around.
            (br_if $done (i32.gt_u (i32.sub (local.get $length) (i32.const 32)) (i32.const 16777184)))
            (br_if $done (i32.and (local.get $length) (i32.const 3)))
            (local.set $captured (i32.load offset=20 (local.get $at)))
            (br_if $done
              (i32.gt_u
                (local.get $captured)
                (i32.sub (local.get $length) (i32.const 32))))
            (local.set $next (i32.add (local.get $at) (local.get $length)))
            (br_if $done (i32.gt_u (local.get $next) (local.get $end)))
            (br_if $done
              (i32.ne
                (i32.load (i32.sub (local.get $next) (i32.const 4)))
                (local.get $length)))))

        ;; Ethertypes with their bytes as they lie in memory: 0x0608 is 0x0806, ARP.
        (local.set $type (i32.load16_u offset=12 (local.get $frame)))
        (if (i32.eq (local.get $type) (i32.const 0x0608))
          (then
            (br_if $done (i32.lt_u (local.get $captured) (i32.const 42)))
            (br_if $done
              (i32.load8_u
                (i32.add
                  (global.get $addresses)
                  (i32.or
                    (i32.shl (i32.load8_u offset=30 (local.get $frame)) (i32.const 8))
                    (i32.load8_u offset=31 (local.get $frame))))))
            (br_if $done
              (i32.load8_u
                (i32.add
                  (global.get $addresses)
                  (i32.or
                    (i32.shl (i32.load8_u offset=40 (local.get $frame)) (i32.const 8))
                    (i32.load8_u offset=41 (local.get $frame)))))))
          (else
            (if (i32.eq (local.get $type) (i32.const 0x0081))
              (then
                (local.set $frame (i32.add (local.get $frame) (i32.const 4)))
                (local.set $type (i32.load16_u offset=12 (local.get $frame)))))
            (if (i32.eq (local.get $type) (i32.const 0x0008))
              (then (local.set $protocol (i32.load8_u offset=23 (local.get $frame))))
              (else
                (br_if $done (i32.ne (local.get $type) (i32.const 0xdd86)))
                (local.set $protocol (i32.load8_u offset=20 (local.get $frame)))))
            (local.set $wanted (i32.load8_u (i32.add (global.get $protocols) (local.get $protocol))))
            (if (local.get $wanted)
              (then
                (br_if $done (i32.ne (local.get $wanted) (i32.const 2)))
                (if (i32.eq (local.get $type) (i32.const 0x0008))
                  ;; The port is behind a header of 20 bytes: one with options is left to the filter.
                  (then (br_if $done (i32.ne (i32.load8_u offset=14 (local.get $frame)) (i32.const 0x45))))
                  (else (local.set $frame (i32.add (local.get $frame) (i32.const 20)))))
                (local.set $port (i32.load16_u offset=36 (local.get $frame)))
                (br_if $done (i32.eq (local.get $port) (i32.load16_u (global.get $ports))))
                (br_if $done (i32.eq (local.get $port) (i32.load16_u offset=2 (global.get $ports))))))))

        (local.set $passed (i32.add (local.get $passed) (i32.const 1)))
        (local.set $previous (local.get $at))
        (local.set $at (local.get $next))
        (br $records)))
    (if (local.get $passed)
      (then
        (i32.store
          (global.get $count)
          (i32.add (i32.load (global.get $count)) (local.get $passed)))
        (i32.store (global.get $last) (local.get $previous))))
    (local.get $at)))
