"""Small recordings of many formats, intact and damaged, rendered with ffmpeg."""

import subprocess
from pathlib import Path

from media.programs import ffmpeg_path

TONE_SOURCE = "sine=frequency=440:sample_rate=48000"


class RecordingFactory:
    """Renders each recording once per test run, in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def render(self, name: str, *args: str) -> Path:
        """Run ffmpeg with these arguments and the output file `name`."""
        path = self.folder / name
        if not path.exists():
            command: list[str | Path] = [
                ffmpeg_path(),
                "-hide_banner",
                "-loglevel",
                "error",
                "-nostdin",
                "-y",
                *args,
                path,
            ]
            result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            assert result.returncode == 0, result.stderr
        return path

    def write_file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def video_with_tone(
        self, *, seconds: float = 2, size: str = "320x240", rate: str = "30", name: str = ""
    ) -> Path:
        """A moving test pattern with a tone."""
        return self.render(
            name or f"talk-{seconds}-{size}-{rate.replace('/', '_')}.mp4",
            *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"),
        )

    def edited_video(self, *args: str, name: str = "edited.mp4", keyframe_interval: int = 30) -> Path:
        """Like the export of an editing program: low bit rate, fixed keyframe interval, encoder settings in the stream."""
        return self.render(
            name,
            *("-f", "lavfi", "-i", "testsrc2=size=640x480:rate=30:duration=9"),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=9"),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "34", "-pix_fmt", "yuv420p", "-c:a", "aac"),
            *(
                "-g",
                str(keyframe_interval),
                "-keyint_min",
                str(keyframe_interval),
                "-sc_threshold",
                "0",
                "-flags",
                "+cgop",
            ),
            *("-metadata", "location=+51.5334-000.1255/", *args),
        )

    def portrait_phone_video(self) -> Path:
        """Like a phone held upright: a landscape picture with a display rotation."""
        return self.render(
            "portrait.mp4",
            *("-display_rotation", "90", "-i", str(self._sideways_video())),
            *("-c", "copy", "-metadata", "location=+51.5334-000.1255/", "-metadata", "title=Bo at home"),
        )

    def _sideways_video(self) -> Path:
        """The left third is blue, so that tests can detect the rotation."""
        return self.render(
            "sideways.mp4",
            *(
                "-f",
                "lavfi",
                "-i",
                "color=c=red:size=640x360:rate=30:duration=1,drawbox=w=213:h=360:c=blue:t=fill",
            ),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=1"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
        )

    def browser_recording(self) -> Path:
        """Like a browser: WebM written as a live stream, so without a duration in the header."""
        return self.render(
            "browser.webm",
            *(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x240:rate=30:duration=2",
                "-f",
                "lavfi",
                "-i",
                f"{TONE_SOURCE}:duration=2",
            ),
            *("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
            *("-f", "webm", "-live", "1"),
        )

    def silent_video(self) -> Path:
        return self.render("silent.mp4", "-i", str(self.video_with_tone()), "-c", "copy", "-an")

    def audio_only(self) -> Path:
        return self.render("audio.m4a", "-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=2", "-c:a", "aac")

    def odd_dimensions(self) -> Path:
        return self.render(
            "odd.webm",
            *("-f", "lavfi", "-i", "testsrc2=size=321x241:rate=24:duration=1"),
            *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv444p"),
        )

    def variable_frame_rate(self) -> Path:
        """Three of every seven frames are dropped."""
        return self.render(
            "variable-rate.mp4",
            *(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x240:rate=30:duration=2",
                "-vf",
                "select='gt(mod(n,7),2)'",
            ),
            *("-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        )

    def hdr_video(self) -> Path:
        return self.render(
            "hdr.mp4",
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=1", "-pix_fmt", "yuv420p10le"),
            *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
            *(
                "-color_primaries",
                "bt2020",
                "-color_trc",
                "smpte2084",
                "-colorspace",
                "bt2020nc",
                "-tag:v",
                "hvc1",
            ),
        )

    def fragmented_mp4(self) -> Path:
        return self.render(
            "fragmented.mp4",
            *(
                "-i",
                str(self.video_with_tone()),
                "-c",
                "copy",
                "-movflags",
                "frag_keyframe+empty_moov+default_base_moof",
            ),
        )

    def resolution_change(self) -> Path:
        """The resolution changes midway, as when a phone is turned during a call."""
        for number, size in enumerate(("320x240", "240x320")):
            self.render(
                f"resized-{number}.h264",
                *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration=1"),
                *(
                    "-c:v",
                    "libx264",
                    "-preset",
                    "ultrafast",
                    "-pix_fmt",
                    "yuv420p",
                    "-bsf:v",
                    "h264_mp4toannexb",
                ),
            )
        joined = b"".join((self.folder / f"resized-{number}.h264").read_bytes() for number in range(2))
        stream = self.write_file("resized.h264", joined)
        return self.render("resized.mkv", "-framerate", "25", "-i", str(stream), "-c", "copy")

    def audio_longer_than_video(self) -> Path:
        return self.render(
            "long-audio.mp4",
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=1"),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=4"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
        )

    def truncated_video(self) -> Path:
        """The second half is missing, although the index at the start lists it."""
        content = self.render(
            "faststart.mp4",
            "-i",
            str(self.video_with_tone(seconds=6)),
            "-c",
            "copy",
            "-movflags",
            "+faststart",
        ).read_bytes()
        return self.write_file("truncated.mp4", content[: len(content) // 2])

    def corrupted_video(self) -> Path:
        """Some bytes in the middle are inverted."""
        content = bytearray(self.video_with_tone(seconds=6).read_bytes())
        start = len(content) // 3
        for offset in range(start, start + 6000, 3):
            content[offset] ^= 0xFF
        return self.write_file("corrupted.mp4", bytes(content))

    def unsupported_video_codec(self) -> Path:
        return self.render(
            "magic.mkv", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5:duration=1", "-c:v", "magicyuv"
        )

    def unsupported_audio_codec(self) -> Path:
        return self.render("ac3.mp4", "-i", str(self.video_with_tone()), "-c:v", "copy", "-c:a", "ac3")

    def oversized_video(self) -> Path:
        return self.render(
            "oversized.mp4",
            *("-f", "lavfi", "-i", "color=size=4096x2304:rate=5:duration=0.4"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        )

    def encrypted_video(self) -> Path:
        return self.render(
            "encrypted.mp4",
            *("-i", str(self.video_with_tone()), "-c", "copy", "-encryption_scheme", "cenc-aes-ctr"),
            *("-encryption_key", "0123456789abcdef0123456789abcdef", "-encryption_kid", "a" * 32),
        )

    def still_image(self, kind: str) -> Path:
        return self.render(f"still.{kind}", "-f", "lavfi", "-i", "testsrc2=size=64x64", "-frames:v", "1")

    def disguised_hls_playlist(self, secret: Path) -> Path:
        """An HLS playlist named like a video that refers to a local file."""
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{secret}\n#EXT-X-ENDLIST\n"
        return self.write_file("playlist.mp4", text.encode())

    def disguised_concat_script(self, secret: Path) -> Path:
        return self.write_file("concat.mp4", f"ffconcat version 1.0\nfile {secret}\n".encode())

    def disguised_dash_manifest(self, secret: Path) -> Path:
        text = (
            '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period>'
            f'<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{secret}</BaseURL>'
            "</Representation></AdaptationSet></Period></MPD>"
        )
        return self.write_file("manifest.mp4", text.encode())
