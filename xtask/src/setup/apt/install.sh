# What set-up does as root: MODE REQUIRED OPTIONAL, the last two lists of packages. Lines that begin with `spiram:` are for
# the program that started it.
set -u
mode=$1 required=$2 optional=$3
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
exec 2>&1
echo "spiram:begin"
# A third party's broken source is no reason to stop: the installation itself is what counts.
apt-get -q update || echo "spiram:update-failed"
[ "$mode" = install ] || exit 0
echo "spiram:plan"
apt-get -qq --print-uris -y --no-install-recommends install $required || true
echo "spiram:download"
apt-get -q -y --no-install-recommends -o APT::Status-Fd=1 --download-only install $required || exit
# dpkg is not to be stopped in the middle. Who started us answers once it is ready to wait for that; if it was stopped
# meanwhile, there is no answer, and nothing is installed.
trap '' INT TERM HUP QUIT
echo "spiram:dpkg"
read -r _ || exit 130
exec </dev/null
# An installation that was interrupted leaves packages unconfigured, and apt refuses to go on before this.
if [ -n "$(dpkg --audit)" ]; then dpkg --configure -a; fi
apt="apt-get -q -y -f --no-install-recommends -o APT::Status-Fd=1 -o DPkg::Lock::Timeout=600"
$apt install $required || exit
for package in $optional; do
    $apt install "$package" || echo "spiram:without $package"
done
