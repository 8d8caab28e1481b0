# Completion of glowtool for fish.
function __glowtool_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct | string unescape)
    set -lx _GLOWTOOL_COMPLETE fish
    for line in (command $words[1] $words[2..-1] "$last" 2>/dev/null)
        switch $line
            case ':files*'
                set -l before (string split -m 1 \t -- $line)[2]
                set -l typed (string replace -- "$before" '' "$last")
                for path in (__fish_complete_path "$typed")
                    echo "$before$path"
                end
            case ':folders*'
                set -l before (string split -m 1 \t -- $line)[2]
                set -l typed (string replace -- "$before" '' "$last")
                for path in (__fish_complete_directories "$typed" '')
                    echo "$before$path"
                end
            case '*'
                echo $line
        end
    end
end
complete -c glowtool -f -a '(__glowtool_complete)'
