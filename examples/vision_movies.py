# Ten frames of the camera as a movie, an animated picture and a stream, which is played back.
import csi, gif, image, mjpeg, os

camera = csi.CSI()
camera.reset()
camera.pixformat(csi.RGB565)
camera.framesize(csi.QQQVGA)
movie, film, stream = mjpeg.Mjpeg("/flash/movie.avi"), gif.Gif("/flash/film.gif"), image.ImageIO("/flash/stream.bin", "w")
for _ in range(10):
    frame = camera.snapshot()
    movie.write(frame, quality=70)
    film.add_frame(frame, delay=10)
    stream.write(frame)
movie.close(10)
film.close()
stream.close()
for name in ("movie.avi", "film.gif", "stream.bin"):
    print("%-10s %6d bytes" % (name, os.stat("/flash/" + name)[6]))
wall = image.Image(420, 130, image.RGB565)
stream = image.ImageIO("/flash/stream.bin", "r")
for n in range(stream.count()):
    wall.draw_image(stream.read(pause=False), 2 + n % 5 * 84, 2 + n // 5 * 64)
stream.close()
wall.save("/flash/vision_movies.png")
