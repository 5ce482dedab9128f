# Sends an IPv4 frame with four other random bytes at each of the given offsets, over and over.
#
#   python3 flooder.py INTERFACE FRAME_IN_HEX PER_SECOND SECONDS [OFFSET...]
import os
import socket
import struct
import sys
import time

s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
frame = bytearray.fromhex(sys.argv[2])
rate, seconds, offsets = int(sys.argv[3]), float(sys.argv[4]), [int(a) for a in sys.argv[5:]]
pool = os.urandom(1 << 24)
start, sent, at = time.monotonic(), 0, 0
while time.monotonic() - start < seconds:
    due = int((time.monotonic() - start) * rate)
    for _ in range(due - sent):
        for offset in offsets:
            frame[offset:offset + 4] = pool[at:at + 4]
            at = (at + 4) % (len(pool) - 4)
        # A bridge that filters drops what has a wrong checksum.
        frame[24:26] = bytes(2)
        total = sum(struct.unpack_from('!10H', frame, 14))
        total = (total & 0xffff) + (total >> 16)
        struct.pack_into('!H', frame, 24, 0xffff - (total & 0xffff) - (total >> 16))
        s.send(frame)
    sent = due
    time.sleep(0.001)
print(sent)
